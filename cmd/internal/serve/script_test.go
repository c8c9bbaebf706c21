package serve_test

import (
	"context"
	"strings"
	"testing"

	"github.com/wirews/wirews/cmd/internal/serve"
	"github.com/wirews/wirews/websocket"
)

// play starts a server with a script, and connects to it.
func play(t *testing.T, o serve.Options, script string) (context.Context, *websocket.Conn) {
	t.Helper()
	var err error
	if o.Script, err = serve.ParseScript(strings.NewReader(script)); err != nil {
		t.Fatal(err)
	}
	s := start(t, o)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	c, _, err := websocket.Dial(ctx, "ws://"+s.addr+"/script", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.CloseNow() })
	return ctx, c
}

func TestAScriptSaysAndExpects(t *testing.T) { eachWay(t, testAScriptSaysAndExpects) }

func testAScriptSaysAndExpects(t *testing.T, o serve.Options) {
	for _, c := range []struct {
		name, script string
		says         []string // by the client, in answer to each message
		hears        []string
		code         websocket.StatusCode
		reason       string
	}{
		{"to the end", "send hello\n# a remark\n\nexpect hi\nsend bye", []string{"hi", ""}, []string{"hello", "bye"}, 1000, ""},
		{"bytes", "send-hex 00 FF\nexpect-hex 01\nclose 4001 enough said", []string{"\x01"}, []string{"\x00\xff"}, 4001, "enough said"},
		{"a pattern", "send who?\nexpect-match ^I am [a-z]+$\nsend well", []string{"I am me", ""}, []string{"who?", "well"}, 1000, ""},
		{"something else", "send who?\nexpect me", []string{"you"}, []string{"who?"}, 1008, `script: line 2: want expect me, got "you"`},
		{"not what the pattern wants", "send who?\nexpect-match me$", []string{"me?"}, []string{"who?"}, 1008, `script: line 2: want expect-match me$, got "me?"`},
		{"bytes for text", "send who?\nexpect \x01", []string{"\x01"}, []string{"who?"}, 1008, "got bytes 01"},
		{"anything", "send a\nexpect-any\nsend b\nexpect-any\nclose 1001", []string{"x", "\x01"}, []string{"a", "b"}, 1001, ""},
		{"a wait", "wait 1ms\nsend a", []string{""}, []string{"a"}, 1000, ""},
		{"no line", "close", nil, nil, 1000, ""},
	} {
		ctx, conn := play(t, o, c.script)
		for i, want := range c.hears {
			_, p, err := conn.Read(ctx)
			if err != nil || string(p) != want {
				t.Fatalf("%s: message %d is %q, %v; want %q", c.name, i, p, err, want)
			}
			if says := c.says[i]; says != "" {
				typ := websocket.MessageText
				if says[0] < ' ' {
					typ = websocket.MessageBinary
				}
				if err := conn.Write(ctx, typ, []byte(says)); err != nil {
					t.Fatal(err)
				}
			}
		}
		_, _, err := conn.Read(ctx)
		if got := websocket.CloseStatus(err); got != c.code || c.reason != "" && !strings.Contains(err.Error(), strings.ReplaceAll(c.reason, `"`, `\"`)) {
			t.Errorf("%s: %v, want %d %s", c.name, err, c.code, c.reason)
		}
	}
}

func TestAScriptRepeats(t *testing.T) { eachWay(t, testAScriptRepeats) }

func testAScriptRepeats(t *testing.T, o serve.Options) {
	ctx, conn := play(t, o, "expect-any\nsend again\nrepeat")
	for range 5 {
		if err := conn.Write(ctx, websocket.MessageText, []byte("x")); err != nil {
			t.Fatal(err)
		}
		if _, p, err := conn.Read(ctx); err != nil || string(p) != "again" {
			t.Errorf("%q, %v", p, err)
		}
	}
	if err := conn.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Error(err)
	}
}

func TestAScriptCutsAndPings(t *testing.T) { eachWay(t, testAScriptCutsAndPings) }

func testAScriptCutsAndPings(t *testing.T, o serve.Options) {
	ctx, conn := play(t, o, "ping\nsend ponged\ncut")
	if _, p, err := conn.Read(ctx); err != nil || string(p) != "ponged" {
		t.Errorf("%q, %v", p, err)
	}
	if _, _, err := conn.Read(ctx); err == nil || websocket.CloseStatus(err) != -1 {
		t.Errorf("%v, want an end without a close frame", err)
	}
}

// A script that waits does not take without a bound what comes meanwhile.
func TestAScriptHoldsSoManyMessages(t *testing.T) { eachWay(t, testAScriptHoldsSoManyMessages) }

func testAScriptHoldsSoManyMessages(t *testing.T, o serve.Options) {
	ctx, conn := play(t, o, "wait 1h")
	go func() {
		for conn.Write(ctx, websocket.MessageText, []byte("x")) == nil {
		}
	}()
	_, _, err := conn.Read(ctx)
	if websocket.CloseStatus(err) != websocket.StatusPolicyViolation || !strings.Contains(err.Error(), "256 messages") {
		t.Errorf("%v, want 1008", err)
	}
}

func TestWhatIsNoScriptIsRefused(t *testing.T) {
	for script, want := range map[string]string{
		"":                                   "no line",
		"# only this":                        "no line",
		"say hello":                          `line 1: "say" is none of`,
		"\nsend-hex 0x":                      "line 2: send-hex",
		"expect-hex 1":                       "no hex",
		"expect-match (":                     "expect-match: ",
		"wait soon":                          `wait "soon": want a duration`,
		"wait -1s":                           "want a duration",
		"close 999":                          "close: ",
		"close soon":                         "no close code",
		"cut now":                            "stands alone",
		"send a\nrepeat":                     "line 2: repeat without",
		"expect-any\nrepeat\nsend a":         "line 3: nothing is done after repeat",
		"close\nsend a":                      "line 2: nothing is done after close",
		"send " + strings.Repeat("x", 2<<20): "too long",
	} {
		if _, err := serve.ParseScript(strings.NewReader(script)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v, want %q", script, err, want)
		}
	}
}

func TestMessagesAreLostOnPurpose(t *testing.T) {
	for _, c := range []struct {
		loss        float64
		least, most int
	}{{0, 1000, 1000}, {1, 0, 0}, {0.5, 1, 999}} { // all but these has a chance of 2 in 10^301
		o := serve.Default()
		o.Loss = c.loss
		s := start(t, o)
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		conn, _, err := websocket.Dial(ctx, "ws://"+s.addr+"/echo", nil)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			for range 1000 {
				conn.Write(ctx, websocket.MessageText, []byte("x"))
			}
			conn.Ping(ctx) // everything is answered before its pong
			conn.CloseLater(websocket.StatusNormalClosure, "")
		}()
		n := 0
		for {
			if _, _, err := conn.Read(ctx); err != nil {
				break
			}
			n++
		}
		if n < c.least || n > c.most {
			t.Errorf("loss %v: %d of 1000 echoes", c.loss, n)
		}
	}
}
