package endpoint

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// A write may be given up at every position: what the peer gets are whole frames,
// with the message or without it.
func TestGiveUpAtEveryPosition(t *testing.T) {
	stride := 9 // where much is written and the positions are alike
	if raceEnabled {
		stride = 50
	}
	message := "binary:" + strings.Repeat("m", 300)
	for _, before := range []int{0, 20, maxWaiting + 30} {
		for _, head := range []bool{false, true} {
			for _, fixed := range []bool{false, true} {
				for _, ping := range []bool{false, true} {
					for n := 0; ; n++ {
						s, events := newSender(t, serverConfig, nil), []string(nil)
						if before > 0 {
							var first string
							s, first = filled(t, before)
							events = append(events, first)
						}
						if ping {
							s.Answer(pinged("?"), nil, 0) // waits for room, or is a part of before
						}
						late := ping && before > maxWaiting
						if ping && !late {
							events = append(events, "pong:?")
						}
						u := Unsent{Before: s.Len(), Fixed: fixed}
						if head {
							u.Payload = []byte(message[7:])
							must(t, s.Head(ws.OpBinary, len(u.Payload)))
						} else {
							must(t, s.Message(ws.OpBinary, []byte(message[7:])))
						}
						all := join(s.Pending(), u.Payload)
						if n > len(all) {
							break
						}
						if before > 100 && n == 1 {
							n = before - 50 // the positions before that are much the same
						}
						if far := n < before-5 || n > before+15; before > 100 && n > 1 && far && n+stride < len(all) {
							n += stride
						}
						u.Written = n
						s.sent = append(s.sent, all[:n]...)
						what := fmt.Sprintf("%d before, header alone %v, fixed %v, ping %v, %d of %d written", before, head, fixed, ping, n, len(all))
						want := TakenBack
						switch {
						case !fixed && n <= u.Before:
						case len(all)-n > MaxRest:
							want = TooMuch
						default:
							want = Kept
							events = append(events, message)
						}
						if got := s.GiveUp(u); got != want {
							t.Fatalf("%s: %v, want %v", what, got, want)
						}
						if want == TooMuch {
							if s.mem != nil || s.late() != nil {
								t.Fatalf("%s: memory of what is dropped", what)
							}
							continue
						}
						if late {
							s.write(min(s.Len(), 40)) // there is room then, if there was not
							events = append(events, "pong:?")
						}
						must(t, s.Message(ws.OpText, []byte("next")))
						s.want(what, append(events, "text:next")...)
						if t.Failed() {
							return
						}
						s.write(s.Len())
						if s.mem != nil {
							t.Fatalf("%s: memory where nothing waits", what)
						}
					}
				}
			}
		}
	}
}

func TestGiveUpOfMoreThanMaxRest(t *testing.T) {
	for _, over := range []int{-1, 0, 1} {
		for _, head := range []bool{false, true} {
			for _, fixed := range []bool{false, true} {
				// One byte has left.
				p := bytes.Repeat([]byte("m"), MaxRest+over+1-10)
				if len(p) <= 0xffff {
					p = append(p, "mmmmmm"...) // the header has 4 bytes
					if len(p) > 0xffff {
						p = p[:0xffff]
					}
				}
				s := newSender(t, serverConfig, nil)
				u := Unsent{Written: 1, Fixed: fixed}
				if head {
					u.Payload = p
					must(t, s.Head(ws.OpBinary, len(p)))
				} else {
					must(t, s.Message(ws.OpBinary, p))
				}
				rest := s.Len() + len(u.Payload) - u.Written
				u.Written += max(0, rest-MaxRest-over)
				rest = s.Len() + len(u.Payload) - u.Written
				want := Kept
				if rest > MaxRest {
					want = TooMuch
				}
				if got := s.GiveUp(u); got != want || want == Kept && s.Len() != rest || want == TooMuch && s.mem != nil {
					t.Errorf("%d bytes are left, header alone %v: %v, %d bytes wait, want %v", rest, head, got, s.Len(), want)
				}
				s.Drop()
			}
		}
	}
	// A message that cannot be taken back and of which nothing has left.
	s := newSender(t, serverConfig, nil)
	must(t, s.Sender.BeginMessage(ws.OpBinary, -1))
	must(t, s.Fragment(make([]byte, MaxRest), false))
	if got := s.GiveUp(Unsent{Fixed: true}); got != TooMuch || s.mem != nil {
		t.Errorf("%v, want TooMuch and no memory", got)
	}
}

// FuzzOutbox: whatever is appended, written and given up, the peer finds no fault,
// and gets every message that was not taken back, once and in order.
func FuzzOutbox(f *testing.F) {
	f.Add([]byte{0, 5, 1, 9, 2, 3, 3, 40, 4, 10, 5, 3}, false, false)
	f.Add([]byte{0, 255, 0, 254, 2, 7, 3, 7, 3, 9, 4, 250, 5, 255, 3, 1}, false, true)
	f.Add([]byte{6, 200, 6, 255, 5, 128, 7, 3, 8, 1, 9, 200, 2, 2}, true, true)
	f.Add([]byte{0, 255, 2, 1, 6, 255, 2, 2, 6, 100, 3, 3}, true, false)
	f.Fuzz(func(t *testing.T, ops []byte, client, encode bool) {
		config, peer := serverConfig, clientConfig
		if client {
			config, peer = clientConfig, serverConfig
		}
		var e wsproto.Encoder
		var d wsproto.Decoder
		if encode {
			e, d = new(runs), new(runs)
		}
		s := newSender(t, config, e)
		var want []string // messages and pings, without pongs
		lastPing, serial := "", 0
		text := func(n byte) string {
			serial++
			size := int(n)
			if n >= 240 {
				size = (int(n) - 239) * 5000
			}
			return fmt.Sprint(serial, " ", strings.Repeat("x", size))
		}
		for ; len(ops) >= 2 && len(s.sent) < 2<<20; ops = ops[2:] {
			n := ops[1]
			switch ops[0] % 8 {
			case 0: // a message
				p := text(n)
				must(t, s.Message(ws.OpText, []byte(p)))
				want = append(want, "text:"+p)
			case 1: // a ping
				p := text(n % 100)
				must(t, s.Ping([]byte(p)))
				want = append(want, "ping:"+p)
			case 2: // a ping of the peer
				lastPing = text(n % 100)
				s.Answer(pinged(lastPing), nil, 0)
			case 3: // a write, of some of it
				s.write(s.Len() * int(n) / 255)
			case 4: // a message in fragments
				p := text(n)
				must(t, s.Sender.BeginMessage(ws.OpText, -1))
				must(t, s.Fragment([]byte(p[:len(p)/2]), false))
				must(t, s.Fragment([]byte(p[len(p)/2:]), true))
				want = append(want, "text:"+p)
			case 5, 6: // a message, by itself or after its header, that is given up
				p := text(n)
				u := Unsent{Before: s.Len()}
				if ops[0]%8 == 5 || client {
					u.Fixed = encode
					must(t, s.Message(ws.OpText, []byte(p)))
				} else {
					u.Payload = []byte(p)
					must(t, s.Head(ws.OpText, len(p)))
				}
				all := join(s.Pending(), u.Payload)
				u.Written = len(all) * int(ops[0]) / 255
				s.sent = append(s.sent, all[:u.Written]...)
				switch rest := s.GiveUp(u); {
				case rest == TooMuch:
					if len(all)-u.Written <= MaxRest {
						t.Fatalf("too much: %d bytes", len(all)-u.Written)
					}
					return // the connection ends
				case rest == Kept:
					want = append(want, "text:"+p)
				case u.Fixed || u.Written > u.Before:
					t.Fatalf("%d bytes of %d before have left, and it was taken back", u.Written, u.Before)
				}
			case 7:
				p := text(n)
				must(t, s.Prepared(bare(ws.OpText, true, p), len(p)))
				want = append(want, "text:"+p)
			}
			if s.mem != nil && s.Len() == 0 {
				t.Fatal("memory where nothing waits")
			}
		}
		for s.Len() > 0 {
			s.write((s.Len() + 1) / 2)
		}
		got := received(t, peer, d, s.sent)
		if got.err != nil || len(got.part) > 0 {
			t.Fatalf("the peer gets %v", got)
		}
		i, pong := 0, ""
		for _, ev := range got.events {
			if p, ok := strings.CutPrefix(ev, "pong:"); ok {
				pong = p
				continue
			}
			if i == len(want) || ev != want[i] {
				t.Fatalf("event %d: %.100q, want %.100q", i, ev, want[i:])
			}
			i++
		}
		if i != len(want) || pong != lastPing {
			t.Fatalf("%d of %d events, the last pong %q, want %q", i, len(want), pong, lastPing)
		}
	})
}
