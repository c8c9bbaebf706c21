package connect

import (
	"bytes"
	"encoding/json"
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/cmd/internal/exit"
	"github.com/wirews/wirews/ws"
)

// converse talks with the echo of a server and returns what has come.
func converse(t *testing.T, o Options) string {
	t.Helper()
	var out strings.Builder
	err := Pipe(t.Context(), startServer(t, "/echo"), o, strings.NewReader(""), &out, nil)
	wantOutcome(t, "conversation", err, exit.OK)
	return out.String()
}

func TestWhatIsRecordedIsSentAgain(t *testing.T) {
	for _, compress := range []bool{false, true} {
		var first, second bytes.Buffer
		o := Default()
		o.Compress, o.Record, o.Pipe.Messages = compress, &first, []string{"hello", strings.Repeat("again ", 100), ""}
		said := converse(t, o)
		replay, err := LoadReplay(bytes.NewReader(first.Bytes()))
		if err != nil {
			t.Fatalf("%v: %s", err, first.String())
		}
		o.Record, o.Pipe.Messages, o.Pipe.Replay = &second, nil, replay
		if got := converse(t, o); got != said || strings.Count(got, "\n") != 3 {
			t.Errorf("compression %t: %q, want %q", compress, got, said)
		}
		if a, b := sentFrames(t, first.Bytes()), sentFrames(t, second.Bytes()); a != b {
			t.Errorf("compression %t: frames\n%s, want\n%s", compress, b, a)
		}
	}
}

// sentFrames returns the sent frames of a recording, without their times.
func sentFrames(t *testing.T, recording []byte) string {
	t.Helper()
	var all strings.Builder
	for line := range bytes.Lines(recording) {
		var f recordedFrame
		if err := json.Unmarshal(line, &f); err != nil {
			t.Fatal(err)
		}
		if f.Way == sent {
			f.At = 0
			json.NewEncoder(&all).Encode(f)
		}
	}
	return all.String()
}

const someRecording = `{"format":"wirews-recording/1","url":"ws://x/","time":"2026-01-02T03:04:05Z"}
{"at":1,"way":"sent","op":"text","fin":false,"text":"a"}
{"at":2.5,"way":"received","op":"text","fin":true,"text":"not ours"}
{"at":3,"way":"sent","op":"ping","fin":true,"text":"p"}
{"at":3,"way":"sent","op":"pong","fin":true,"text":"not again"}
{"at":60,"way":"sent","op":"continuation","fin":true,"base64":"/w=="}
{"at":61,"way":"sent","op":"close","fin":true,"base64":"A+k="}
`

func TestFramesAreSentAgainAtTheirTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		replay, err := LoadReplay(strings.NewReader(someRecording))
		if err != nil {
			t.Fatal(err)
		}
		ours, theirs := net.Pipe()
		c := newConn(ours, ws.Handshake{}, Default())
		begun := time.Now()
		go replay.run(t.Context(), c)
		for _, want := range []struct {
			at      time.Duration
			op      ws.OpCode
			payload string
		}{
			{time.Second, ws.OpText, "a"},
			{3 * time.Second, ws.OpPing, "p"},
			{time.Minute, ws.OpContinuation, "\xff"},
			{61 * time.Second, ws.OpClose, "\x03\xe9"},
		} {
			f, err := ws.ReadFrame(theirs)
			if err != nil {
				t.Fatal(err)
			}
			f = ws.UnmaskFrame(f)
			if at := time.Since(begun); f.Header.OpCode != want.op || string(f.Payload) != want.payload || at != want.at {
				t.Errorf("%v %q after %v, want %v %q after %v", f.Header.OpCode, f.Payload, at, want.op, want.payload, want.at)
			}
		}
		theirs.Close()
	})
}

func TestWhatIsNoRecordingIsRefused(t *testing.T) {
	head, _, _ := strings.Cut(someRecording, "\n")
	for _, c := range []struct{ file, want string }{
		{"", "EOF"},
		{"hello\n", "line 1"},
		{`{"format":"other/1"}`, "line 1"},
		{head + "\n{\n", "line 2"},
		{head + "\n" + `{"at":1,"way":"sent","op":"shout"}`, "line 2: this is no frame"},
		{head + "\n" + `{"at":1,"way":"sideways","op":"text"}`, "line 2: this is no frame"},
		{head + "\n" + `{"at":1,"way":"sent","op":"ping","text":"` + strings.Repeat("x", 126) + `"}`, "up to 125"},
	} {
		if _, err := LoadReplay(strings.NewReader(c.file)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q in it", c.file, err, c.want)
		}
	}
}

func TestCompressedFramesNeedTheirCompression(t *testing.T) {
	replay, err := LoadReplay(strings.NewReader(`{"format":"wirews-recording/1","extensions":"permessage-deflate"}` + "\n" +
		`{"at":0,"way":"sent","op":"text","fin":true,"rsv":4,"base64":"AA=="}`))
	if err != nil {
		t.Fatal(err)
	}
	o := Default()
	o.Pipe.Replay = replay
	err = Pipe(t.Context(), startServer(t, "/echo"), o, strings.NewReader(""), new(bytes.Buffer), nil)
	wantOutcome(t, "without -c", err, exit.Failed, "offer compression by -c")
}

// fullAfter takes so many writes, and then no more, as a disk that is full.
type fullAfter int

func (n *fullAfter) Write(p []byte) (int, error) {
	if *n--; *n < 0 {
		return 0, errors.New("no space left")
	}
	return len(p), nil
}

func TestARecordingThatCannotBeWrittenIsTheReasonOfTheEnd(t *testing.T) {
	for n := range 5 { // the head, what is sent, its answer, the close frame
		u := startServer(t, "/echo")
		o := Default()
		room := fullAfter(n)
		o.Record, o.CloseTimeout = &room, time.Second
		_, _, err := runPipe(t, u, o, "hi\n")
		wantOutcome(t, "a recording that is full", err, exit.Failed, "--record: no space left")
	}
}
