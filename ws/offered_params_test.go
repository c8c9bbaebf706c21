package ws_test

import (
	"errors"
	"testing"

	"github.com/gobwas/httphead"

	"github.com/wirews/wirews/ws"
)

// W28: what permessage-deflate is answered with (RFC 7692, 7.1).
func TestClientHandshakeW28ChecksTheParametersOfDeflate(t *testing.T) {
	type params map[string]string
	cases := []struct {
		offer  params
		answer string
		ok     bool
	}{
		{nil, "", true},
		{nil, "; server_no_context_takeover", true},
		{nil, "; client_no_context_takeover", true},
		{nil, "; server_max_window_bits=10", true},
		{nil, "; server_no_context_takeover=1", false},
		{nil, "; server_no_context_takeover; server_no_context_takeover", false},
		{nil, "; server_max_window_bits", false},
		{nil, "; server_max_window_bits=99", false},
		{nil, "; server_max_window_bits=7", false},
		{nil, "; server_max_window_bits=16", false},
		{nil, "; server_max_window_bits=010", false},
		{nil, "; server_max_window_bits=1?", false},
		{nil, "; unknown", false},
		{nil, "; client_max_window_bits=10", false},
		{params{"client_max_window_bits": ""}, "; client_max_window_bits=10", true},
		{params{"client_max_window_bits": ""}, "; client_max_window_bits", false},
		{params{"client_max_window_bits": "10"}, "; client_max_window_bits=11", false},
		{params{"client_max_window_bits": "10"}, "; client_max_window_bits=10", true},
		{params{"client_max_window_bits": ""}, "", true},
		{params{"server_max_window_bits": "10"}, "; server_max_window_bits=10", true},
		{params{"server_max_window_bits": "10"}, "; server_max_window_bits=8", true},
		{params{"server_max_window_bits": "10"}, "; server_max_window_bits=11", false},
		{params{"server_max_window_bits": "10"}, "", false},
		{params{"server_no_context_takeover": ""}, "; server_no_context_takeover", true},
		{params{"server_no_context_takeover": ""}, "", false},
	}
	for _, c := range cases {
		d := ws.Dialer{Extensions: []httphead.Option{httphead.NewOption("permessage-deflate", c.offer)}}
		h, in := started(t, &d, good101("Sec-WebSocket-Extensions: permessage-deflate"+c.answer))
		_, _, err := h.Next(in)
		if (err == nil) != c.ok || err != nil && !errors.Is(err, ws.ErrHandshakeBadExtensions) {
			t.Errorf("W28: offered %v, answered %q: got %v", c.offer, c.answer, err)
		}
	}
	// Either of two alternatives may be answered.
	d := ws.Dialer{Extensions: []httphead.Option{
		httphead.NewOption("permessage-deflate", params{"server_max_window_bits": "10"}),
		httphead.NewOption("permessage-deflate", nil),
	}}
	h, in := started(t, &d, good101("Sec-WebSocket-Extensions: permessage-deflate"))
	if _, _, err := h.Next(in); err != nil {
		t.Errorf("got %v", err)
	}
}
