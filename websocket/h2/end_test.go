package h2_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/http2"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/h2"
	"github.com/wirews/wirews/ws"
)

// What a server does after it has opened a stream, and the error that says so.
func TestHowAWebSocketEnds(t *testing.T) {
	text := ws.AppendFrame(nil, ws.NewTextFrame([]byte("last")))
	for _, tc := range []struct {
		name   string
		end    func(p *peer, id uint32)
		stream http2.ErrCode // of the *StreamError, or
		conn   http2.ErrCode // of the *ConnError
		is     error
	}{
		{name: "END_STREAM", end: func(p *peer, id uint32) { p.WriteData(id, true, nil) }, is: io.EOF},
		{name: "trailers", end: func(p *peer, id uint32) { p.answer(id, true, "x", "y") }, is: io.EOF},
		{name: "RST_STREAM", end: func(p *peer, id uint32) { p.WriteRSTStream(id, http2.ErrCodeCancel) }, stream: http2.ErrCodeCancel},
		{name: "DATA after the end", end: func(p *peer, id uint32) { p.WriteData(id, true, nil); p.WriteData(id, false, text) }, is: io.EOF},
		{name: "a head without end", end: func(p *peer, id uint32) { p.answer(id, false, "x", "y") }, stream: http2.ErrCodeProtocol},
		{name: "a window too large", end: func(p *peer, id uint32) { p.WriteWindowUpdate(id, 1<<31-1) }, stream: http2.ErrCodeFlowControl},
		{name: "a window of zero", end: func(p *peer, id uint32) { p.WriteRawFrame(http2.FrameWindowUpdate, 0, id, make([]byte, 4)) }, stream: http2.ErrCodeProtocol},
		{name: "the connection's window too large", end: func(p *peer, id uint32) { p.WriteWindowUpdate(0, 1<<31-1) }, conn: http2.ErrCodeFlowControl},
		{name: "the end of the connection", end: func(p *peer, id uint32) { p.conn.Close() }, is: io.EOF},
		{name: "GOAWAY with an error", end: func(p *peer, id uint32) { p.WriteGoAway(id, http2.ErrCodeInternal, []byte("oops")) }, conn: http2.ErrCodeInternal},
		{name: "GOAWAY that leaves the stream out", end: func(p *peer, id uint32) { p.WriteGoAway(0, http2.ErrCodeNo, nil) }, conn: http2.ErrCodeNo},
		{name: "a stream of the server", end: func(p *peer, id uint32) { p.WriteData(2, false, text) }, conn: http2.ErrCodeProtocol},
		{name: "a stream that was not begun", end: func(p *peer, id uint32) { p.WriteData(id+2, false, text) }, conn: http2.ErrCodeProtocol},
		{name: "PUSH_PROMISE", end: func(p *peer, id uint32) {
			p.WritePushPromise(http2.PushPromiseParam{StreamID: id, PromiseID: 2, EndHeaders: true})
		}, conn: http2.ErrCodeProtocol},
		{name: "a frame too large", end: func(p *peer, id uint32) { p.WriteRawFrame(http2.FrameData, 0, id, make([]byte, 20<<10)) }, conn: http2.ErrCodeFrameSize},
		{name: "the setting taken back", end: func(p *peer, id uint32) {
			p.WriteSettings(http2.Setting{ID: http2.SettingEnableConnectProtocol, Val: 0})
		}, conn: http2.ErrCodeProtocol},
		{name: "windows of streams too large", end: func(p *peer, id uint32) {
			p.WriteWindowUpdate(id, 1<<30)
			p.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1<<31 - 1})
		}, conn: http2.ErrCodeFlowControl},
		{name: "a CONTINUATION alone", end: func(p *peer, id uint32) { p.WriteContinuation(id, true, nil) }, conn: http2.ErrCodeProtocol},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := hostile(t, func(p *peer) {
					p.greet()
					id := p.open()
					p.WriteData(id, false, text)
					tc.end(p, id)
					for range p.frames {
					}
				})
				c := s.dial(t, nil)
				if _, p, err := c.Read(bg); string(p) != "last" {
					t.Fatalf("%q, %v", p, err)
				}
				err := endOf(t, c)
				if e, ok := errors.AsType[*websocket.ConnError](err); !ok || e.By != websocket.EndedByTransport {
					t.Errorf("%v is none of the transport", err)
				}
				stream, isStream := errors.AsType[*h2.StreamError](err)
				conn, isConn := errors.AsType[*h2.ConnError](err)
				switch {
				case tc.is != nil:
					if !errors.Is(err, tc.is) {
						t.Errorf("%v, want %v", err, tc.is)
					}
				case isStream && stream.Code != tc.stream || isConn && conn.Code != tc.conn || !isStream && !isConn || isStream != (tc.stream != 0):
					t.Errorf("%v, want %v of the stream or %v of the connection", err, tc.stream, tc.conn)
				}
			})
		})
	}
}

// What a server does instead of opening a stream.
func TestHowADialFails(t *testing.T) {
	for _, tc := range []struct {
		name  string
		serve func(p *peer)
		text  string
	}{
		{"no SETTINGS", func(p *peer) {
			for range p.frames {
			}
		}, "in time"},
		{"another frame first", func(p *peer) { p.WritePing(false, [8]byte{}) }, "SETTINGS"},
		{"no setting", func(p *peer) { p.WriteSettings() }, "does not offer"},
		{"no streams", func(p *peer) { p.greet(http2.Setting{ID: http2.SettingMaxConcurrentStreams, Val: 0}) }, "allows no stream"},
		{"no fields", func(p *peer) {
			p.greet(http2.Setting{ID: http2.SettingMaxHeaderListSize, Val: 10})
		}, "the server allows 10"},
		{"DATA first", func(p *peer) {
			p.greet()
			p.WriteData(next[*http2.MetaHeadersFrame](p).StreamID, false, []byte("x"))
		}, "before the response"},
		{"no status", func(p *peer) {
			p.greet()
			p.answer(next[*http2.MetaHeadersFrame](p).StreamID, false, "x", "y")
		}, "status"},
		{"status 101", func(p *peer) {
			p.greet()
			p.answer(next[*http2.MetaHeadersFrame](p).StreamID, false, ":status", "101")
		}, "interim"},
		{"fields without end", func(p *peer) {
			p.greet()
			f := next[*http2.MetaHeadersFrame](p)
			for range 20 {
				p.answer(f.StreamID, false, ":status", "103")
			}
		}, "interim"},
		{"fields too long", func(p *peer) {
			p.greet()
			p.answer(next[*http2.MetaHeadersFrame](p).StreamID, false, ":status", "200", "a", strings.Repeat("~", 15<<10),
				"b", strings.Repeat("~", 15<<10), "c", strings.Repeat("~", 15<<10), "d", strings.Repeat("~", 15<<10), "e", strings.Repeat("~", 15<<10))
		}, "MaxHeaderBytes"},
		{"CONTINUATION without end", func(p *peer) {
			p.greet()
			f := next[*http2.MetaHeadersFrame](p)
			p.WriteHeaders(http2.HeadersFrameParam{StreamID: f.StreamID})
			for p.WriteContinuation(f.StreamID, false, nil) == nil {
			}
		}, "on and on"},
		{"a subprotocol that was not asked for", func(p *peer) {
			p.greet()
			p.answer(next[*http2.MetaHeadersFrame](p).StreamID, false, ":status", "200", "sec-websocket-protocol", "x")
		}, "Sec-WebSocket-Protocol"},
		{"an answer that is none", func(p *peer) {
			p.greet()
			p.answer(next[*http2.MetaHeadersFrame](p).StreamID, true, ":status", "404", "content-length", "0")
		}, "404"},
		{"the stream refused, again and again", func(p *peer) {
			p.greet()
			for f := next[*http2.MetaHeadersFrame](p); f != nil; f = next[*http2.MetaHeadersFrame](p) {
				p.WriteRSTStream(f.StreamID, http2.ErrCodeRefusedStream)
			}
		}, "REFUSED_STREAM"},
		{"going away at once", func(p *peer) {
			p.greet()
			p.WriteGoAway(0, http2.ErrCodeNo, []byte("later"))
		}, "later"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := hostile(t, func(p *peer) {
					tc.serve(p)
					for range p.frames {
					}
				})
				if _, _, err := s.tryDial(bg, nil); err == nil || !strings.Contains(err.Error(), tc.text) {
					t.Errorf("%v, want %q in it", err, tc.text)
				}
			})
		})
	}
}

func TestMoreThanTheWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		message := ws.AppendFrame(nil, ws.NewBinaryFrame(make([]byte, 10_000)))
		s := hostile(t, func(p *peer) {
			p.greet()
			id := p.open()
			for range 30 {
				p.WriteData(id, false, message)
			}
			for range p.frames {
			}
		})
		c := s.dial(t, nil)
		synctest.Wait() // nobody reads meanwhile
		for n := 0; ; n++ {
			if _, p, err := c.Read(bg); err == nil && len(p) == 10_000 {
				continue
			} else if e, ok := errors.AsType[*h2.StreamError](err); !ok || e.Code != http2.ErrCodeFlowControl || n != 26 {
				t.Errorf("after %d messages: %v", n, err)
			}
			break
		}
	})
}

// Frames that carry nothing, as fast as the client takes them.
func TestFloods(t *testing.T) {
	for name, one := range map[string]func(p *peer, id uint32) error{
		"SETTINGS":      func(p *peer, id uint32) error { return p.WriteSettings() },
		"SETTINGS ACK":  func(p *peer, id uint32) error { return p.WriteSettingsAck() },
		"PING":          func(p *peer, id uint32) error { return p.WritePing(false, [8]byte{}) },
		"empty DATA":    func(p *peer, id uint32) error { return p.WriteData(id, false, nil) },
		"padding":       func(p *peer, id uint32) error { return p.WriteDataPadded(id, false, nil, make([]byte, 100)) },
		"WINDOW_UPDATE": func(p *peer, id uint32) error { return p.WriteWindowUpdate(id, 1) },
		"PRIORITY":      func(p *peer, id uint32) error { return p.WritePriority(id, http2.PriorityParam{StreamDep: 9}) },
		"unknown":       func(p *peer, id uint32) error { return p.WriteRawFrame(99, 0, 0, nil) },
		"DATA for nobody": func(p *peer, id uint32) error {
			p.WriteRSTStream(id, http2.ErrCodeNo)
			return p.WriteData(id, false, []byte("x"))
		},
		"RST_STREAM": func(p *peer, id uint32) error { return p.WriteRSTStream(id, http2.ErrCodeNo) },
		"GOAWAY":     func(p *peer, id uint32) error { return p.WriteGoAway(id+2, http2.ErrCodeNo, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sent := 0
				ended := make(chan struct{})
				s := hostile(t, func(p *peer) {
					p.greet()
					id := p.open()
					p.open()
					for ; sent < 100_000 && one(p, id) == nil; sent++ {
						if sent%100 == 0 {
							synctest.Wait()
						}
					}
					close(ended)
					for range p.frames {
					}
				})
				s.dial(t, nil)
				c := s.dial(t, nil)
				err := endOf(t, c)
				if e, ok := errors.AsType[*h2.ConnError](err); !ok || e.Code != http2.ErrCodeEnhanceYourCalm {
					t.Errorf("%v", err)
				}
				<-ended
				if sent > 5000 {
					t.Errorf("%d were taken", sent)
				}
			})
		})
	}
}

func TestASilentServerIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := hostile(t, func(p *peer) {
			p.greet()
			p.open()
			for range p.frames {
			}
		})
		c := s.dial(t, nil)
		begun := time.Now()
		err := endOf(t, c)
		if _, ok := errors.AsType[*h2.ConnError](err); !ok || time.Since(begun) != 45*time.Second {
			t.Errorf("%v after %v", err, time.Since(begun))
		}
	})
}

func TestAPingThatIsAnsweredKeepsTheConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pings := 0
		s := hostile(t, func(p *peer) {
			p.greet()
			p.open()
			for f := next[*http2.PingFrame](p); f != nil; f = next[*http2.PingFrame](p) {
				pings++
				p.WritePing(true, f.Data)
			}
		})
		c := s.dial(t, nil)
		ctx, cancel := context.WithTimeout(bg, 10*time.Minute)
		defer cancel()
		if _, _, err := c.Read(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		synctest.Wait()
		if pings != 19 && pings != 20 {
			t.Errorf("%d PINGs in ten minutes", pings)
		}
	})
}

func TestGoAwayDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conns := 0
		s := hostile(t, func(p *peer) {
			conns++
			p.greet()
			id := p.open()
			p.WriteGoAway(id, http2.ErrCodeNo, nil)
			for d := next[*data](p); d != nil; d = next[*data](p) {
				frame, err := ws.ReadFrame(bytes.NewReader(d.p))
				if err != nil {
					break
				}
				frame = ws.UnmaskFrame(frame)
				p.WriteData(id, false, ws.AppendFrame(nil, ws.NewTextFrame(frame.Payload)))
			}
		})
		first := s.dial(t, nil)
		synctest.Wait() // until it has noticed
		second := s.dial(t, nil)
		exchange(t, first, "drained")
		exchange(t, second, "elsewhere")
		if conns != 2 {
			t.Errorf("%d connections", conns)
		}
	})
}

func TestARefusedStreamIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := hostile(t, func(p *peer) {
			p.greet()
			p.WriteRSTStream(next[*http2.MetaHeadersFrame](p).StreamID, http2.ErrCodeRefusedStream)
			p.open()
			for range p.frames {
			}
		})
		s.dial(t, nil)
	})
}

func TestAnIdleConnectionIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ended time.Time
		s := hostile(t, func(p *peer) {
			p.greet()
			p.open()
			for f := range p.frames {
				if f, ok := f.(*http2.PingFrame); ok {
					p.WritePing(true, f.Data)
				}
			}
			ended = time.Now()
		})
		c := s.dial(t, nil)
		time.Sleep(time.Hour)
		closed := time.Now()
		c.CloseNow()
		time.Sleep(time.Hour)
		synctest.Wait() // after what the peer does at the same time
		if ended.Sub(closed) != 90*time.Second {
			t.Errorf("closed %v after its last WebSocket", ended.Sub(closed))
		}
	})
}

func TestWhatIsSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var fields []string
		s := hostile(t, func(p *peer) {
			p.greet()
			f := next[*http2.MetaHeadersFrame](p)
			for _, field := range f.Fields {
				fields = append(fields, field.Name+": "+field.Value)
			}
			p.answer(f.StreamID, false, ":status", "200")
			for range p.frames {
			}
		})
		s.URL = "ws://server.example:80/a%20b?c=d"
		s.dial(t, &websocket.DialOptions{Subprotocols: []string{"p", "q"}, HTTPHeader: http.Header{"Origin": {"https://o.example"}, "X-Long": {strings.Repeat("x", 40<<10)}}})
		want := map[string]bool{":method: CONNECT": true, ":protocol: websocket": true, ":scheme: http": true, ":path: /a%20b?c=d": true, ":authority: server.example": true,
			"sec-websocket-version: 13": true, "sec-websocket-protocol: p, q": true, "origin: https://o.example": true, "user-agent: Go-http-client/2.0": true,
			"x-long: " + strings.Repeat("x", 40<<10): true}
		for _, f := range fields {
			if !want[f] {
				t.Errorf("sent %.100s", f)
			}
			delete(want, f)
		}
		for f := range want {
			t.Errorf("not sent: %.100s", f)
		}
	})
}
