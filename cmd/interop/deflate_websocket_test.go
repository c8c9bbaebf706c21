package interop_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
)

// modes are those of package websocket, with what they wish for as a server and
// offer as a client.
var modes = []struct {
	mode       websocket.CompressionMode
	own, offer wsflate.Parameters
}{
	{
		mode:  websocket.CompressionContextTakeover,
		offer: wsflate.Parameters{ClientMaxWindowBits: wsflate.WindowBitsNoValue},
	},
	{
		mode:  websocket.CompressionNoContextTakeover,
		own:   wsflate.Parameters{ServerNoContextTakeover: true, ClientNoContextTakeover: true},
		offer: wsflate.Parameters{ServerNoContextTakeover: true, ClientNoContextTakeover: true},
	},
}

// acceptCases returns every offer to websocket.Accept in each mode.
func acceptCases(offers []wsflate.Parameters) (all []deflateCase) {
	for _, offer := range offers {
		for _, m := range modes {
			all = append(all, deflateCase{offer: offer, own: m.own, mode: m.mode})
		}
	}
	return sample(all)
}

// dialCases returns what websocket.Dial offers in each mode, to servers with
// every wish.
func dialCases() (all []deflateCase) {
	for _, own := range parameters(windows) {
		for _, m := range modes {
			all = append(all, deflateCase{offer: m.offer, own: own, mode: m.mode})
		}
	}
	return sample(all)
}

// sample returns all cases for the run that makes the matrix, and some of both
// modes for others.
func sample(all []deflateCase) (some []deflateCase) {
	if whole || len(all) < 17 {
		return all
	}
	for i := 0; i < len(all); i += 17 {
		some = append(some, all[i])
	}
	return some
}

// echoByAccept is echo by package websocket.
func (s *deflateServer) echoByAccept(w http.ResponseWriter, r *http.Request, c deflateCase) error {
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: c.mode, CompressionThreshold: 1})
	if err != nil {
		return err
	}
	defer conn.CloseNow()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn.SetReadLimit(readLimit)
	for _, m := range s.messages {
		if err := m.read(ctx, conn); err != nil {
			return err
		}
		if err := conn.Write(ctx, websocket.MessageType(m.Op), m.Payload); err != nil {
			return err
		}
	}
	if _, _, err := conn.Read(ctx); websocket.CloseStatus(err) != websocket.StatusNormalClosure {
		return fmt.Errorf("%v, want a close with 1000", err)
	}
	return nil
}

func (m deflateMessage) read(ctx context.Context, c *websocket.Conn) error {
	typ, got, err := c.Read(ctx)
	if err == nil && (ws.OpCode(typ) != m.Op || !bytes.Equal(got, m.Payload)) {
		err = fmt.Errorf("%v of %d bytes has become %v of %d", m.Op, len(m.Payload), typ, len(got))
	}
	return err
}

// talkByDial is talk by package websocket.
func (c deflateCase) talkByDial(t *testing.T, s server, messages []deflateMessage, refused bool) error {
	f, err := s.tryOpen(t, s.url(c.target()), &websocket.DialOptions{CompressionMode: c.mode, CompressionThreshold: 1})
	if refused && f.resp != nil && f.resp.StatusCode == http.StatusBadRequest {
		return nil
	}
	if err != nil || refused {
		return fmt.Errorf("handshake: %v, want a refusal: %v", err, refused)
	}
	defer f.CloseNow()
	var theirs named
	if !next(t, s.lines, &theirs) {
		return errors.New("the server has ended")
	}
	c.check(t, "their server", &theirs, false)
	for _, m := range messages {
		if err := f.Write(f.ctx, websocket.MessageType(m.Op), m.Payload); err != nil {
			return err
		}
		if err := m.read(f.ctx, f.Conn); err != nil {
			return err
		}
	}
	return f.CloseContext(f.ctx, websocket.StatusNormalClosure, "")
}
