package h2

import "golang.org/x/net/http2"

// takeSettings takes the SETTINGS of the server, and acknowledges them.
func (c *conn) takeSettings(f *http2.SettingsFrame) error {
	if f.IsAck() {
		return c.spend()
	}
	var fault error
	f.ForeachSetting(func(s http2.Setting) error {
		fault = c.takeSetting(s)
		return fault
	})
	if fault != nil {
		return fault
	}
	c.framer.WriteSettingsAck()
	if !c.server.received {
		c.server.received = true
		close(c.ready)
	}
	return c.spend()
}

// takeSetting takes one setting (RFC 9113, section 6.5.2). The size of frames is not
// used: ours are as small as any server takes.
func (c *conn) takeSetting(s http2.Setting) error {
	if err := s.Valid(); err != nil {
		return err // an http2.ConnectionError
	}
	switch s.ID {
	case http2.SettingEnablePush:
		if s.Val != 0 {
			return connFault(http2.ErrCodeProtocol, "SETTINGS_ENABLE_PUSH of a server")
		}
	case http2.SettingEnableConnectProtocol:
		// RFC 8441, section 3: not "0 after previously sending a value of 1".
		if s.Val > 1 || s.Val == 0 && c.server.connect {
			return connFault(http2.ErrCodeProtocol, "SETTINGS_ENABLE_CONNECT_PROTOCOL is taken back")
		}
		c.server.connect = s.Val == 1
	case http2.SettingMaxConcurrentStreams:
		c.server.maxStreams = s.Val
	case http2.SettingMaxHeaderListSize:
		c.server.maxHeader = s.Val
	case http2.SettingHeaderTableSize:
		c.encoder.SetMaxDynamicTableSize(s.Val)
	case http2.SettingInitialWindowSize:
		change := int64(s.Val) - c.server.initialWindow
		c.server.initialWindow = int64(s.Val)
		for _, st := range c.streams {
			if !st.window.grow(change) {
				return connFault(http2.ErrCodeFlowControl, "a stream's window is too large") // 6.9.2
			}
			st.writes.cond.Broadcast()
		}
	}
	return nil
}
