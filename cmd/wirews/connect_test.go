package main

import (
	"bytes"
	"context"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// endpoint returns the WebSocket URL of a path.
func (s *served) endpoint(path string) string {
	return strings.Replace(strings.TrimSuffix(s.url, "/"), "http", "ws", 1) + path
}

// pipe runs the command with something on its stdin.
func pipe(t *testing.T, stdin string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := command(ctx, args...)
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

func TestConnectTalksWithServe(t *testing.T) {
	s := startServe(t)
	for _, c := range []struct {
		name, stdin string
		args        []string
		out, err    string
	}{
		{"lines", "a\nb\n", nil, "a\nb\n", ""},
		{"message", "", []string{"-m", "hello", "-n", "1"}, "hello\n", ""},
		{"messages with NUL", "", []string{"-m", "one", "-m", "two", "-0"}, "one\x00two\x00", ""},
		{"binary, whole", "\x00\n\xff", []string{"--binary", "--whole"}, "\x00\n\xff", ""},
		{"frames", "", []string{"-v", "-m", "hello"}, "hello\n", "-> close FIN MASK, 2 bytes: 1000 Normal Closure\n"},
	} {
		args := append(append([]string{"connect"}, c.args...), s.endpoint("/echo"))
		status, out, stderr := pipe(t, c.stdin, args...)
		if status != 0 || out != c.out || !strings.Contains(stderr, c.err) || c.err == "" && stderr != "" {
			t.Errorf("%s: status %d, %q, stderr %q; want %q", c.name, status, out, stderr, c.out)
		}
	}
	if status, out, stderr := pipe(t, "", "connect", "-n", "3", s.endpoint("/time?rate=1000")); status != 0 || strings.Count(out, "\n") != 3 {
		t.Errorf("time: status %d, %q, stderr %q", status, out, stderr)
	}
}

func TestConnectEndsWithAStatusThatSaysWhy(t *testing.T) {
	s := startServe(t)
	secured, key := certificate(t)
	tls := startServe(t, "--tls-cert", secured, "--tls-key", key)
	other, _ := certificate(t)
	echo := s.endpoint("/echo")
	for _, c := range []struct {
		name   string
		args   []string
		status int
		words  string
	}{
		{"clean", []string{echo}, 0, ""},
		{"no URL", nil, 1, "one URL, not 0"},
		{"two URLs", []string{echo, echo}, 1, "one URL, not 2"},
		{"bad URL", []string{"ftp://example.com"}, 1, `scheme "ftp"`},
		{"bad header", []string{"-H", "x", echo}, 1, `"x" is not of the form`},
		{"handshake header", []string{"-H", "Upgrade: x", echo}, 1, "Upgrade"},
		{"TLS flags without TLS", []string{"-k", echo}, 1, "wss://"},
		{"certificate without key", []string{"--cert", secured, tls.endpoint("/echo")}, 1, "key"},
		{"no CA file", []string{"--ca", "none.pem", tls.endpoint("/echo")}, 1, "none.pem"},
		{"CA file without a certificate", []string{"--ca", key, tls.endpoint("/echo")}, 1, "no certificate"},
		{"negative count", []string{"-n", "-1", echo}, 1, "--count"},
		{"count and wait", []string{"-n", "1", "--wait", "1s", echo}, 1, "count"},
		{"nobody listens", []string{"ws://127.0.0.1:1"}, 2, "refused"},
		{"unknown CA", []string{tls.endpoint("/echo")}, 2, "wirews: trust a certificate of your own by --ca FILE"},
		{"ws to TLS", []string{strings.Replace(tls.endpoint("/echo"), "wss", "ws", 1)}, 3, "try wss:// instead of ws://"},
		{"TLS to ws", []string{strings.Replace(echo, "ws", "wss", 1)}, 2, "try ws:// instead of wss://"},
		{"two credentials", []string{"-u", "a:b", "--bearer-env", "X", echo}, 1, "exclude each other"},
		{"no token", []string{"--bearer-env", "WIREWS_NO_TOKEN", echo}, 1, "has no token"},
		{"bad proxy", []string{"--proxy", "ftp://x", echo}, 1, "--proxy"},
		{"another CA", []string{"--ca", other, tls.endpoint("/echo")}, 2, "certificate"},
		{"own CA", []string{"--ca", secured, tls.endpoint("/echo")}, 0, ""},
		{"wrong name", []string{"--ca", secured, "--server-name", "example.com", tls.endpoint("/echo")}, 2, "example.com"},
		{"insecure", []string{"-k", tls.endpoint("/echo")}, 0, ""},
		{"client certificate", []string{"-k", "--cert", secured, "--key", key, tls.endpoint("/echo")}, 0, ""},
		{"refused", []string{s.endpoint("/nothing")}, 3, "404 Not Found"},
		{"other origin", []string{"--origin", "https://example.com", echo}, 3, "403"},
		{"too late", []string{"-n", "1", "--timeout", "1ms", echo}, 5, "no|timed out"},
		{"closed with 1003", []string{"-b", "-m", "x", s.endpoint("/chat")}, 6, "1003 Unsupported Data"},
	} {
		status, out, stderr := pipe(t, "", append([]string{"connect"}, c.args...)...)
		if status != c.status || out != "" && c.status != 6 {
			t.Errorf("%s: status %d with %q and %q; want %d", c.name, status, out, stderr, c.status)
		}
		if c.status != 0 && (!strings.HasPrefix(stderr, "wirews: ") || strings.Count(stderr, "\n") != 1) {
			t.Errorf("%s: stderr is %q, want one line", c.name, stderr)
		}
		found := false
		for word := range strings.SplitSeq(c.words, "|") {
			found = found || strings.Contains(stderr, word)
		}
		if !found {
			t.Errorf("%s: stderr is %q, want %q in it", c.name, stderr, c.words)
		}
	}
}

func TestConnectGoesThroughAUnixSocket(t *testing.T) {
	s := startServe(t)
	u, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "socket")
	forward(t, path, u.Host)
	status, out, stderr := pipe(t, "", "connect", "--unix", path, "-m", "hi", "ws://"+u.Host+"/echo")
	if status != 0 || out != "hi\n" || stderr != "" {
		t.Errorf("status %d with %q and %q", status, out, stderr)
	}
}

func TestAnInterruptedConnectCloses(t *testing.T) {
	s := startServe(t)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := command(ctx, "connect", s.endpoint("/time?rate=1000"))
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(stdout, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	cmd.Process.Signal(os.Interrupt)
	io.Copy(io.Discard, stdout)
	cmd.Wait()
	if status := cmd.ProcessState.ExitCode(); status != 130 {
		t.Errorf("status %d, want 130", status)
	}
	if l := s.logged("closed"); l.Code != 1001 {
		t.Errorf("the server has seen %d, want 1001", l.Code)
	}
}

// The help of connect teaches by examples: they are run as a shell would.
func TestTheExamplesOfConnectWork(t *testing.T) {
	s := startServe(t)
	dir := t.TempDir()
	bin := filepath.Join(dir, "wirews")
	if err := os.Symlink(os.Args[0], bin); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "in.bin"), []byte("\x00\xff"), 0o600); err != nil {
		t.Fatal(err)
	}
	ran := 0
	for example := range strings.SplitSeq(connectCommand().Example, "\n\n") {
		_, line, _ := strings.Cut(example, "\n") // a comment
		if !strings.Contains(line, "localhost:8080") || strings.Contains(line, "-v ") {
			continue // the one by hand, and the one that needs certificates
		}
		ran++
		line = strings.ReplaceAll(line, "ws://localhost:8080", s.endpoint(""))
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		sh := exec.CommandContext(ctx, "sh", "-c", line)
		sh.Dir = dir
		sh.Env = append(os.Environ(), asCommand+"=1", "PATH="+dir+":"+os.Getenv("PATH"))
		if out, err := sh.CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", line, err, out)
		}
		cancel()
	}
	if ran != 5 {
		t.Errorf("%d examples were run, want 5", ran)
	}
	if back, err := os.ReadFile(filepath.Join(dir, "out.bin")); string(back) != "\x00\xff" {
		t.Errorf("out.bin has %q, error %v", back, err)
	}
}
