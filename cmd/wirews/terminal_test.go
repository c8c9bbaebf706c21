package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/wirews/wirews/cmd/internal/plain"
)

// evil is what a terminal obeys: ESC, C1 in UTF-8 (U+009B, which is CSI) and
// raw, the override of direction U+202E, and a line that looks like ours.
const evil = "\x1b[2J\u009b31m\x9b31m\u202e\rwirews: all is well"

// answering sends the same to every request.
func answering(t *testing.T, answer string) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				conn.SetDeadline(time.Now().Add(patience))
				for b, end := make([]byte, 4096), []byte(nil); !bytes.HasSuffix(end, []byte("\r\n\r\n")); {
					n, err := conn.Read(b)
					if err != nil {
						return
					}
					end = append(end, b[:n]...)
				}
				io.WriteString(conn, answer)
			}()
		}
	}()
	return l.Addr().String()
}

// wantPlain wants what has been said to have no bytes that a terminal obeys, no
// line that is not ours, and that word.
func wantPlain(t *testing.T, what, said, word string) {
	t.Helper()
	if said != plain.Text(said) || strings.Contains(said, "\nwirews: all is well") {
		t.Errorf("%s: %q", what, said)
	}
	if !strings.Contains(said, word) {
		t.Errorf("%s: %q, want %q in it", what, said, word)
	}
}

func TestNoCommandWritesWhatATerminalObeys(t *testing.T) {
	for name, answer := range map[string]string{
		"C1 alone":    "HTTP/1.1 403 \xc2\x9b31mred\r\nContent-Length: 0\r\n\r\n",
		"reason":      "HTTP/1.1 403 " + evil + "\r\nContent-Length: 0\r\n\r\n",
		"body":        "HTTP/1.1 403 Forbidden\r\n\r\n" + evil + "\nwirews: all is well",
		"status line": evil + "\r\n\r\n",
		"field":       "HTTP/1.1 101 " + evil + "\r\nUpgrade: " + evil + "\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + evil + "\r\n\r\n",
		"close frame": "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\nX: " + evil + "\r\n\r\n",
	} {
		url := "ws://" + answering(t, answer)
		for _, args := range [][]string{
			{"connect", "-m", "x"}, {"connect", "-v", "-m", "x"},
			{"conform", "--cases", "1.1.1"},
			{"bench", "-d", "1ms", "--warmup", "0"}, {"bench", "-d", "1ms", "--warmup", "0", "--json"},
		} {
			_, stdout, stderr := run(t, append(args, url)...)
			wantPlain(t, name+": "+strings.Join(args, " "), stdout+stderr, "wirews: ")
		}
	}
}

// A client gives itself a name.
func TestConformEscapesTheNamesOfClients(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := command(ctx, "conform", "--listen", "127.0.0.1:0", "--cases", "2.1", "--once")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stdout bytes.Buffer
	cmd.Stdout = &stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var first [64]byte
	n, _ := stderr.Read(first[:])
	url := strings.TrimSpace(strings.TrimPrefix(string(first[:n]), "listening on "))
	const agent = "agent=%1b%5b2J%c2%9b31m%9b%0awirews:+all+is+well"
	echo(t, url+"/runCase?case=1&"+agent)
	echo(t, url+"/updateReports?"+agent)
	said, _ := io.ReadAll(stderr)
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	const name = `\x1b[2J\u009b31m\x9b\nwirews: all is well: `
	wantPlain(t, "progress", string(said), name+"section 2")
	wantPlain(t, "results", stdout.String(), name+"1 cases")
}

func TestServeLogsWhatATerminalDoesNotObey(t *testing.T) {
	for _, form := range []string{"--log-json", "--log-json=false"} {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		cmd := command(ctx, "serve", "--addr", "127.0.0.1:0", form)
		stderr, err := cmd.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		var log []byte
		read := func() {
			var b [4096]byte
			n, err := stderr.Read(b[:])
			if err != nil {
				t.Fatalf("%v after %q", err, log)
			}
			log = append(log, b[:n]...)
		}
		read()
		_, addr, _ := strings.Cut(string(log), "http://")
		addr, _, _ = strings.Cut(addr, "/")
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/echo", nil)
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range map[string]string{
			"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
			"Origin": "\u009b31m\x9b\u202e",
		} {
			r.Header.Set(name, value)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil || resp.StatusCode != http.StatusForbidden {
			t.Fatalf("%v, %v, want 403", resp, err)
		}
		resp.Body.Close()
		for !bytes.Contains(log, []byte("refused")) || log[len(log)-1] != '\n' {
			read()
		}
		cmd.Process.Kill()
		cmd.Wait()
		wantPlain(t, form, string(log), "refused")
		if lines := bytes.Lines(log); form == "--log-json" {
			for line := range lines {
				if !json.Valid(line) {
					t.Errorf("%q is no JSON", line)
				}
			}
		}
	}
}
