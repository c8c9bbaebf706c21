package migration_test

import (
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/wirews/wirews/ws"
)

// compare runs a program as it is written, for github.com/gobwas/ws, and
// migrated. talk returns what it has heard of it.
func compare(t *testing.T, name string, talk func(t *testing.T, program string) []string) {
	t.Parallel()
	text := programs(t)[name]
	var heard [2][]string
	for i, version := range []struct{ name, text string }{{"gobwas", ""}, {"wirews", migrate(t, text)}} {
		program := build(t, name, version.text)
		if !t.Run(version.name, func(t *testing.T) { heard[i] = talk(t, program) }) {
			return
		}
	}
	theirs, ours := heard[0], heard[1]
	if len(theirs) != len(ours) {
		t.Fatalf("gobwas/ws: %d records, wirews: %d", len(theirs), len(ours))
	}
	for i := range ours {
		if theirs[i] != ours[i] {
			at := 0
			for at < min(len(theirs[i]), len(ours[i])) && theirs[i][at] == ours[i][at] {
				at++
			}
			from := max(0, at-20)
			t.Errorf("record %d differs at byte %d\ngobwas/ws: %.200q\nwirews:    %.200q", i, at, theirs[i][from:], ours[i][from:])
		}
	}
}

func TestEchoServer(t *testing.T) {
	compare(t, "echo", func(t *testing.T, program string) (heard []string) {
		addr := start(t, program, "-addr", "127.0.0.1:0").line()

		p := connect(t, addr)
		p.say(request("X-User: gopher\r\nSec-WebSocket-Protocol: echo.v2, echo.v1\r\n"))
		p.head()
		for _, n := range []int{0, 1, 125, 126, 65535, 65536, 300_000} {
			for _, op := range []ws.OpCode{ws.OpText, ws.OpBinary} {
				p.say(masked(op, true, strings.Repeat("x", n)))
				p.frame()
			}
		}
		// Fragments, and control frames before and between them.
		p.say(masked(ws.OpPing, true, "") + masked(ws.OpPong, true, "unasked") + masked(ws.OpText, false, "Hé"[:2]) +
			masked(ws.OpPing, true, "are you there?") + masked(ws.OpContinuation, false, "") + masked(ws.OpContinuation, true, "Hé"[2:]+"llo"))
		for range 3 {
			p.frame()
		}
		p.say(masked(ws.OpClose, true, "\x03\xe8bye"))
		p.rest()
		heard = append(heard, p.record.String())

		for _, ending := range []string{masked(ws.OpClose, true, ""), masked(ws.OpClose, true, "\x0f\xa0")} {
			p = connect(t, addr)
			p.say(request("x-user: a\r\n"))
			p.head()
			p.say(masked(ws.OpText, true, "Hello") + ending)
			p.rest()
			heard = append(heard, p.record.String())
		}
		// A refusal of the program is compared whole, one of the library by
		// its status.
		p = connect(t, addr)
		p.say(request(""))
		p.head()
		p.rest()
		heard = append(heard, p.record.String())
		for _, refused := range []string{
			strings.Replace(request("X-User: a\r\n"), "websocket", "other", 1),
			strings.Replace(request("X-User: a\r\n"), "GET", "PUT", 1),
			strings.Replace(request("X-User: a\r\n"), "Version: 13", "Version: 8", 1),
		} {
			p = connect(t, addr)
			p.say(refused)
			status, _, _ := strings.Cut(p.head(), "\r\n")
			heard = append(heard, status)
		}
		return heard
	})
}

func TestClient(t *testing.T) {
	compare(t, "client", func(t *testing.T, program string) []string {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer ln.Close()
		addr := ln.Addr().String()
		run := start(t, program, "-url", "ws://"+addr+"/chat?room=1")
		// The program connects or ends: then nobody will.
		go func() {
			<-t.Context().Done()
			ln.Close()
		}()
		conn, err := ln.Accept()
		if err != nil {
			t.Fatal(err)
		}
		p := newPeer(t, conn)

		// The server speaks first, in the same segment as its response.
		p.say(accept(p.head(), "Sec-WebSocket-Protocol: chat.v1\r\n") + plain(ws.OpText, true, "welcome"))
		message := func() {
			t.Helper()
			for !p.frameOfClient().Header.Fin {
			}
		}
		run.enter("hello\n")
		message()
		p.say(plain(ws.OpPong, true, "unasked") + plain(ws.OpText, false, "Hé"[:2]) + plain(ws.OpPing, true, "are you there?") +
			plain(ws.OpContinuation, true, "Hé"[2:]+"llo"))
		p.frameOfClient() // the pong

		run.enter(strings.Repeat("a line in fragments, ", 50) + "\n")
		message()
		p.say(plain(ws.OpPing, true, "") + plain(ws.OpBinary, true, strings.Repeat("x", 70_000)))
		p.frameOfClient() // the pong

		run.enter("\n")
		message()
		p.say(plain(ws.OpText, true, ""))
		run.in.Close()
		p.frameOfClient() // the close frame
		p.say(plain(ws.OpText, true, "too late") + plain(ws.OpClose, true, "\x03\xe8"))
		p.rest()
		return []string{strings.ReplaceAll(p.record.String(), addr, "ADDRESS"), run.end()}
	})
}

// accept is the response to a request, with further lines.
func accept(request, lines string) string {
	_, rest, _ := strings.Cut(request, "Sec-WebSocket-Key: ")
	key, _, _ := strings.Cut(rest, "\r\n")
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
		base64.StdEncoding.EncodeToString(sum[:]) + "\r\n" + lines + "\r\n"
}

func TestBroadcaster(t *testing.T) {
	compare(t, "broadcast", func(t *testing.T, program string) (heard []string) {
		run := start(t, program, "-addr", "127.0.0.1:0")
		addr := run.line()
		var all [50]*peer
		for i := range all {
			p := connect(t, addr)
			all[i] = p
			p.say(request(fmt.Sprintf("X-Number: %d\r\n", i)))
			p.head()
			p.frame() // a ping: it is known by now
			p.say(masked(ws.OpPong, true, ""))
		}
		run.enter("hello, all\n")
		for _, p := range all {
			p.frame()
		}
		// One of them talks, and leaves.
		p := all[0]
		p.say(masked(ws.OpText, false, "is any") + masked(ws.OpPing, true, "?") + masked(ws.OpContinuation, true, "body there"))
		p.frame()
		p.say(masked(ws.OpClose, true, "\x03\xe9"))
		p.rest()

		run.enter(strings.Repeat("long ", 15_000) + "\n\n")
		for _, p := range all[1:] {
			p.frame()
			p.frame()
		}
		run.in.Close()
		for _, p := range all[1:] {
			p.frame()
			p.say(masked(ws.OpClose, true, "\x03\xe9"))
			p.rest()
		}
		for _, p := range all {
			heard = append(heard, p.record.String())
		}
		return append(heard, run.end())
	})
}
