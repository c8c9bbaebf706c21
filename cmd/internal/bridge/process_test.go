//go:build unix

package bridge

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wirews/wirews/cmd/internal/exit"
	"github.com/wirews/wirews/websocket"
)

func TestACommandIsASideOfABridge(t *testing.T) {
	got, err := talk(t, "a\nb\n", "exec:sed s/^/got:/", nil)
	if err != nil || got != "got:a\ngot:b\n" {
		t.Errorf("%q, %v", got, err)
	}
	addr := listen(t, "ws-listen:127.0.0.1:0", "exec:sed -u s/^/got:/", func(o *Options) { o.Text = true })
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c, _, err := websocket.Dial(ctx, "ws://"+addr, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"a", "b"} {
		if err := c.Write(ctx, websocket.MessageText, []byte(line)); err != nil {
			t.Fatal(err)
		}
		if _, p, err := c.Read(ctx); err != nil || string(p) != "got:"+line {
			t.Errorf("%q, %v", p, err)
		}
	}
	if err := c.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Error(err)
	}
}

// The answer comes after the pong.
func TestAWaitLeavesTimeForAnswers(t *testing.T) {
	addr := listen(t, "ws-listen:127.0.0.1:0", "exec:read line; sleep 0.2; echo \"late $line\"", func(o *Options) { o.Text = true })
	got, err := talk(t, "a\n", "ws://"+addr, func(o *Options) { o.Wait = patience })
	if err != nil || got != "late a\n" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestACommandThatFailsIsAnError(t *testing.T) {
	got, err := talk(t, "", "exec:echo something; exit 3", nil)
	if got != "something\n" || exit.Of(err) != exit.Failed || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("%q, %v", got, err)
	}
}

// A command that minds no end of its stdin is told to end when nobody is there any
// more.
func TestACommandEndsWithTheBridge(t *testing.T) {
	trace := filepath.Join(t.TempDir(), "trace")
	p, err := start("trap 'echo told > " + trace + "; exit' TERM; echo ready; while :; do sleep 0.01; done")
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 16)
	if n, err := p.Read(b); err != nil || string(b[:n]) != "ready\n" {
		t.Fatalf("%q, %v", b[:n], err)
	}
	since := time.Now()
	p.Close()
	if got, err := os.ReadFile(trace); err != nil || string(got) != "told\n" {
		t.Errorf("%q, %v after %v", got, err, time.Since(since))
	}
}
