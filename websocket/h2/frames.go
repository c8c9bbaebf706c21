package h2

import (
	"errors"
	"time"

	"golang.org/x/net/http2"
)

// handle takes what was read: a frame, or why there is none. It ends the connection
// for what RFC 9113 calls a connection error, and one stream for a stream error.
func (c *conn) handle(f http2.Frame, err error) {
	if c.err != nil {
		return
	}
	if err == nil {
		c.ping.hear()
		before := len(c.out)
		err = c.take(f)
		c.replies += len(c.out) - before
	}
	if err == nil && c.replies > maxReplies {
		err = &ConnError{Code: http2.ErrCodeEnhanceYourCalm, Err: errUnreadReply}
	}
	var fault http2.StreamError
	var code http2.ConnectionError
	var mine *ConnError
	switch {
	case err == nil:
	case errors.As(err, &fault):
		c.refuse(fault.StreamID, &StreamError{Code: fault.Code, Reason: reasonOf(fault.Cause)})
	case errors.As(err, &mine):
		c.giveUp(mine)
	case errors.As(err, &code):
		c.giveUp(&ConnError{Code: http2.ErrCode(code), Err: c.framer.ErrorDetail()})
	case errors.Is(err, http2.ErrFrameTooLarge):
		c.giveUp(&ConnError{Code: http2.ErrCodeFrameSize, Err: err})
	case errors.Is(err, errFrameTooLong):
		c.giveUp(&ConnError{Code: http2.ErrCodeEnhanceYourCalm, Err: err})
	default:
		c.lose(err)
	}
}

func reasonOf(err error) string {
	if err == nil {
		return "a broken frame"
	}
	return err.Error()
}

// take takes one frame. Its error is a *ConnError.
func (c *conn) take(f http2.Frame) error {
	if s, ok := f.(*http2.SettingsFrame); !c.server.received && (!ok || s.IsAck()) {
		return connFault(http2.ErrCodeProtocol, "the server has not begun with SETTINGS") // 3.4
	}
	switch f := f.(type) {
	case *http2.DataFrame:
		return c.takeData(f)
	case *http2.MetaHeadersFrame:
		return c.takeHeaders(f)
	case *http2.RSTStreamFrame:
		return c.takeReset(f)
	case *http2.SettingsFrame:
		return c.takeSettings(f)
	case *http2.GoAwayFrame:
		return c.takeGoAway(f)
	case *http2.WindowUpdateFrame:
		return c.takeWindow(f)
	case *http2.PingFrame:
		if !f.IsAck() {
			c.framer.WritePing(true, f.Data)
		}
		return c.spend()
	case *http2.PushPromiseFrame:
		return connFault(http2.ErrCodeProtocol, "the server pushes, which it was told not to")
	}
	return c.spend() // 5.5: unknown types are ignored
}

// spend notes a frame that carries nothing.
func (c *conn) spend() error {
	if !c.flood.spend(time.Now()) {
		return &ConnError{Code: http2.ErrCodeEnhanceYourCalm, Err: errFlood}
	}
	return nil
}

// find returns a stream, or nil if it is no more.
func (c *conn) find(id uint32) (*stream, error) {
	if s := c.streams[id]; s != nil {
		return s, nil
	}
	if id%2 == 0 || id >= c.next {
		return nil, connFault(http2.ErrCodeProtocol, "a frame of a stream that was not begun") // 5.1
	}
	return nil, c.spend()
}

// refuse resets a stream for what the server has done on it.
func (c *conn) refuse(id uint32, e *StreamError) {
	s, err := c.find(id)
	switch {
	case err != nil:
		c.handle(nil, err)
	case s != nil:
		c.framer.WriteRSTStream(id, e.Code)
		c.expectLate(s)
		s.reset(e)
	}
}

// expectLate is called when the client resets a stream: what the server was allowed to
// send on it may be on its way.
func (c *conn) expectLate(s *stream) {
	if !s.ended {
		c.late = min(c.late+max(s.credit.left, 0), connWindow)
	}
}

// isLate reports whether DATA was sent before the server knew that the stream was reset
// (RFC 9113, section 5.1), and counts it.
func (c *conn) isLate(id uint32, size int) bool {
	begun := id%2 == 1 && id < c.next
	if !begun || c.streams[id] != nil || size == 0 || size > c.late {
		return false
	}
	c.late -= size
	return true
}

func (c *conn) takeData(f *http2.DataFrame) error {
	size := int(f.Length)
	if !c.credit.take(size) {
		return connFault(http2.ErrCodeFlowControl, "more DATA than the connection's window")
	}
	// The window of the connection is for what is on its way. Only those of the
	// streams stop the server, so that none of them can stop another.
	if n := c.credit.give(size); n > 0 {
		c.framer.WriteWindowUpdate(0, uint32(n))
	}
	if c.isLate(f.StreamID, size) {
		return nil
	}
	if len(f.Data()) == 0 && !f.StreamEnded() {
		if err := c.spend(); err != nil {
			return err
		}
	}
	s, err := c.find(f.StreamID)
	if s == nil || err != nil {
		return err
	}
	if fault := s.receive(f.Data(), size, f.StreamEnded()); fault != nil {
		c.refuse(s.id, fault)
	} else if len(f.Data()) > 0 {
		c.flood.earn(2)
	}
	return nil
}

func (c *conn) takeHeaders(f *http2.MetaHeadersFrame) error {
	s, err := c.find(f.StreamID)
	if s == nil || err != nil {
		return err
	}
	if err := c.spend(); err != nil { // interim responses too
		return err
	}
	if fault := s.receiveHeaders(f); fault != nil {
		c.refuse(s.id, fault)
	}
	return nil
}

func (c *conn) takeReset(f *http2.RSTStreamFrame) error {
	s, err := c.find(f.StreamID)
	if s == nil || err != nil {
		return err
	}
	s.unprocessed = f.ErrCode == http2.ErrCodeRefusedStream // 8.7
	s.reset(&StreamError{Code: f.ErrCode, ByServer: true})
	return c.spend()
}

func (c *conn) takeGoAway(f *http2.GoAwayFrame) error {
	said := f.DebugData()
	e := &ConnError{Code: f.ErrCode, ByServer: true, Reason: string(said[:min(len(said), maxLastSaid)])}
	if c.leaving == nil {
		c.leaving = e
	}
	for id, s := range c.streams {
		if id > f.LastStreamID {
			s.unprocessed = true // 6.8
			s.reset(e)
		}
	}
	if f.ErrCode != http2.ErrCodeNo {
		c.end(e, farewell)
		return nil
	}
	c.rest()
	return c.spend()
}

// smallUpdate is how many bytes make a WINDOW_UPDATE one that carries something:
// those are bounded by what is sent.
const smallUpdate = 1 << 10

func (c *conn) takeWindow(f *http2.WindowUpdateFrame) error {
	if f.Increment < smallUpdate {
		if err := c.spend(); err != nil {
			return err
		}
	}
	if f.StreamID == 0 {
		if !c.window.grow(int64(f.Increment)) {
			return connFault(http2.ErrCodeFlowControl, "the connection's window is too large")
		}
		c.wakeNext()
		return nil
	}
	s, err := c.find(f.StreamID)
	if s == nil || err != nil {
		return err
	}
	if !s.window.grow(int64(f.Increment)) {
		c.refuse(s.id, streamFault(http2.ErrCodeFlowControl, "its window is too large"))
	}
	s.writes.cond.Broadcast()
	return nil
}
