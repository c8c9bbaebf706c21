package wspoll

import (
	"bufio"
	"fmt"
	"net"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
)

// Upgraded is a connection whose opening handshake was done elsewhere, for Take.
type Upgraded struct {
	// Handshake is what was agreed on: what ws.Upgrader and ws.HTTPUpgrader return. Of
	// its Extensions, permessage-deflate is known here.
	Handshake ws.Handshake
	// Buffered has what was received after the request, and not been read: what
	// ws.HTTPUpgrader and Hijack of net/http return. nil: nothing. Only what it holds
	// is taken out of it.
	Buffered *bufio.Reader
	// Value is what Conn.Value returns.
	Value any
}

// Take serves a connection whose opening handshake was done elsewhere, as if the
// server had accepted it: OnOpen is called, and so on. The descriptor of conn is
// duplicated, and conn closed. A conn that is not one of TCP or unix, such as one of
// TLS, gets goroutines. If there is an error, such as ErrTooManyConns, conn is still the
// caller's.
func (s *Server) Take(conn net.Conn, u Upgraded) (*Conn, error) {
	if err := s.start(); err != nil {
		return nil, err
	}
	deflate, err := agreedDeflate(u.Handshake)
	if err != nil {
		return nil, err
	}
	var early []byte
	if u.Buffered != nil && u.Buffered.Buffered() > 0 {
		early, _ = u.Buffered.Peek(u.Buffered.Buffered())
	}
	if !s.admit() {
		return nil, fmt.Errorf("wspoll: take: %w", ErrTooManyConns)
	}
	c, err := s.adopt(conn, func(c *Conn) {
		c.stage, c.value = stageOpen, u.Value
		c.limitPace() // now: once Take has returned, what is extra is read by whoever writes
		if p := u.Handshake.Protocol; p != "" {
			c.extras().subprotocol = p
		}
		if r := u.Handshake.Request; r != nil {
			c.extras().request = r
		}
		if deflate != nil {
			c.compress(*deflate)
		}
		if len(early) > 0 {
			c.wake().Take(early)
		}
	})
	if err != nil {
		s.admitted.Add(-1)
		return nil, fmt.Errorf("wspoll: take: %w", err)
	}
	return c, nil
}

// agreedDeflate returns the parameters of permessage-deflate, or nil.
func agreedDeflate(hs ws.Handshake) (*wsflate.Parameters, error) {
	if len(hs.Extensions) == 0 {
		return nil, nil
	}
	x := hs.Extensions[0]
	if string(x.Name) != wsflate.ExtensionName {
		return nil, fmt.Errorf("wspoll: take: the extension %.100q is not known here", x.Name)
	}
	p := new(wsflate.Parameters)
	if err := p.Parse(x); err != nil {
		return nil, fmt.Errorf("wspoll: take: %w", err)
	}
	return p, nil
}
