package websocket_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// counted are the messages of the tests: one shorter than what is compressed, one
// longer, one that a Writer sends in several fragments, and an empty one.
var counted = []string{"short", strings.Repeat("a message that compresses well. ", 40), strings.Repeat("0123456789abcdef", 20_000), ""}

// echoes are the ways to receive messages and to send them.
var echoes = map[string]func(c *websocket.Conn){
	"Read and Write": echo,
	"Reader and Writer": func(c *websocket.Conn) {
		for {
			typ, r, err := c.Reader(context.Background())
			if err != nil {
				return
			}
			w, err := c.Writer(context.Background(), typ)
			if err != nil {
				return
			}
			if _, err := io.CopyBuffer(w, iotestReader(r), make([]byte, 1000)); err != nil || w.Close() != nil {
				return
			}
		}
	},
	"Serve and Write": func(c *websocket.Conn) {
		c.Serve(context.Background(), func(ctx context.Context, typ websocket.MessageType, p []byte) error { return c.Write(ctx, typ, p) })
	},
	"Messages and WritePrepared": func(c *websocket.Conn) {
		for m, err := range c.Messages(context.Background()) {
			if err != nil {
				return
			}
			prepared, _ := websocket.NewPreparedMessage(m.Type, m.Data)
			if c.WritePrepared(context.Background(), prepared) != nil {
				return
			}
		}
	},
}

func TestCountersCountExactly(t *testing.T) {
	for _, mode := range []websocket.CompressionMode{websocket.CompressionDisabled, websocket.CompressionNoContextTakeover, websocket.CompressionContextTakeover} {
		for how, handle := range echoes {
			t.Run(fmt.Sprintf("%s, mode %d", how, mode), func(t *testing.T) { countEchoes(t, mode, handle) })
		}
	}
}

func countEchoes(t *testing.T, mode websocket.CompressionMode, handle func(*websocket.Conn)) {
	var near, far websocket.Counters
	ended := make(chan websocket.Stats, 1)
	url := serve(t, &websocket.AcceptOptions{CompressionMode: mode, CompressionThreshold: 512, Counters: &far}, func(c *websocket.Conn) {
		c.SetReadLimit(-1)
		handle(c)
		ended <- c.Stats()
	})
	c := dial(t, url, &websocket.DialOptions{CompressionMode: mode, CompressionThreshold: 512, Counters: &near})
	c.SetReadLimit(-1)
	for _, m := range counted {
		if err := c.Write(within(t), websocket.MessageText, []byte(m)); err != nil {
			t.Fatal(err)
		}
		if _, p, err := c.Read(within(t)); err != nil || string(p) != m {
			t.Fatalf("%d bytes, %v", len(p), err)
		}
	}
	traffic := wsproto.Traffic{Messages: int64(len(counted))}
	for _, m := range counted {
		if traffic.Bytes += int64(len(m)); len(m) >= 512 && mode != websocket.CompressionDisabled {
			traffic.Uncompressed += int64(len(m))
		}
	}
	if s := near.Stats(); s.Open != 1 || s.Received.Bytes != traffic.Bytes || s.Sent.Bytes != traffic.Bytes {
		t.Errorf("before the end: %+v", s)
	}
	ctx := c.CloseRead(context.Background())
	if err := c.Ping(within(t)); err != nil {
		t.Fatal(err)
	}
	c.Close(4321, "")
	<-ctx.Done()

	server, client := <-ended, near.Stats()
	if all := far.Stats(); !reflect.DeepEqual(all, server) {
		t.Errorf("the server's are %+v, those of its connection %+v", all, server)
	}
	if own := c.Stats(); !reflect.DeepEqual(own, client) {
		t.Errorf("the client's are %+v, those of its connection %+v", client, own)
	}
	if client.RTT.Count != 1 || client.RTT.Max <= 0 {
		t.Errorf("round trips %+v", client.RTT)
	}
	client.RTT = wsproto.RTT{}
	if there, back := client.Sent.Compressed, client.Received.Compressed; (there > 0 && there < traffic.Bytes/10) != (mode != 0) ||
		server.Received.Compressed != there || server.Sent.Compressed != back {
		t.Errorf("compressed %d to %d, and %d to %d", there, server.Received.Compressed, server.Sent.Compressed, back)
	}
	want := websocket.Stats{Opened: 1, Refused: map[string]int64{}, Received: traffic, Sent: traffic}
	want.Closes = wsproto.Closes{Received: wsproto.CloseCodes{4321: 1}, Sent: wsproto.CloseCodes{4321: 1}}
	here, other := want, want
	here.Sent.Compressed, here.Received.Compressed = client.Sent.Compressed, client.Received.Compressed
	here.Sent.Pings, here.Received.Pongs, here.Ended.Us = 1, 1, 1
	other.Sent.Compressed, other.Received.Compressed = server.Sent.Compressed, server.Received.Compressed
	other.Received.Pings, other.Sent.Pongs, other.Ended.Peer = 1, 1, 1
	if !reflect.DeepEqual(client, here) {
		t.Errorf("the client has counted\n%+v, want\n%+v", client, here)
	}
	if !reflect.DeepEqual(server, other) {
		t.Errorf("the server has counted\n%+v, want\n%+v", server, other)
	}
}

// Both ends of a connection in memory, in bubble time, count how it ends.
func TestCountersCountEnds(t *testing.T) {
	read := func(c *websocket.Conn) { c.Read(context.Background()) }
	serve := func(err error) func(c *websocket.Conn) {
		return func(c *websocket.Conn) {
			c.Serve(context.Background(), func(context.Context, websocket.MessageType, []byte) error { return err })
		}
	}
	closing := func(code ws.StatusCode) []byte {
		return masked(ws.OpClose, true, string(ws.AppendClose(nil, code, "")))
	}
	codes := func(codes ...ws.StatusCode) wsproto.CloseCodes {
		all := wsproto.CloseCodes{}
		for _, code := range codes {
			all.Count(code)
		}
		return all
	}
	none := codes()
	for name, tc := range map[string]struct {
		handle         func(c *websocket.Conn)
		sends          []byte // by the peer
		hangsUp        bool   // after that
		ended          wsproto.Ended
		received, sent wsproto.CloseCodes
	}{
		"the peer closes":                  {read, closing(1000), false, wsproto.Ended{Peer: 1}, codes(1000), codes(1000)},
		"the peer closes without a code":   {read, masked(ws.OpClose, true, ""), false, wsproto.Ended{Peer: 1}, codes(1005), codes(1005)},
		"the peer closes while Serve runs": {serve(nil), closing(3000), false, wsproto.Ended{Peer: 1}, codes(3000), codes(3000)},
		"Close": {func(c *websocket.Conn) { c.Close(websocket.StatusGoingAway, "") }, closing(1001), false,
			wsproto.Ended{Us: 1}, codes(1001), codes(1001)},
		"Close, and the peer says otherwise": {func(c *websocket.Conn) { c.Close(websocket.StatusGoingAway, "") }, closing(1000), false,
			wsproto.Ended{Us: 1}, codes(1000), codes(1001)},
		"Close, and the peer does not answer": {func(c *websocket.Conn) { c.Close(websocket.StatusGoingAway, "") }, nil, false,
			wsproto.Ended{Us: 1}, none, codes(1001)},
		"CloseNow":            {func(c *websocket.Conn) { c.CloseNow() }, nil, false, wsproto.Ended{Us: 1}, none, none},
		"a handler fails":     {serve(errors.New("no")), masked(ws.OpText, true, "x"), false, wsproto.Ended{Us: 1}, none, codes(1011)},
		"too long a message":  {read, masked(ws.OpText, true, strings.Repeat("x", 32769)), false, wsproto.Ended{Us: 1}, none, codes(1009)},
		"the transport ends":  {read, nil, true, wsproto.Ended{Transport: 1}, none, none},
		"silence":             {read, nil, false, wsproto.Ended{Timeout: 1}, none, codes(1008)},
		"not masked":          {read, []byte{0x81, 0}, false, wsproto.Ended{Violation: 1}, none, codes(1002)},
		"not UTF-8":           {serve(nil), masked(ws.OpText, true, "\xff"), false, wsproto.Ended{Violation: 1}, none, codes(1007)},
		"a code that is none": {read, masked(ws.OpClose, true, "\x03\xee"), false, wsproto.Ended{Violation: 1}, none, codes(1002)},
	} {
		synctest.Test(t, func(t *testing.T) {
			var counters websocket.Counters
			client, transport := net.Pipe()
			c := accept(t, client, transport, &websocket.AcceptOptions{Counters: &counters, ReadTimeout: time.Minute})
			go io.Copy(io.Discard, client)
			go func() {
				if client.Write(tc.sends); tc.hangsUp {
					client.Close()
				}
			}()
			tc.handle(c)
			c.CloseNow()
			want := websocket.Stats{Opened: 1, Refused: map[string]int64{}, Ended: tc.ended, Closes: wsproto.Closes{Received: tc.received, Sent: tc.sent}}
			got := counters.Stats()
			if own := c.Stats(); !reflect.DeepEqual(own, got) {
				t.Errorf("%s: the connection has %+v, all have %+v", name, own, got)
			}
			got.Received = wsproto.Traffic{}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s: counted\n%+v, want\n%+v", name, got, want)
			}
		})
	}
}
