package wsproto_test

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// scenario plays steps between a server S and a client C. Each step is one of
//
//	at 5s                    the time from now on
//	S close 1000 bye         also without code and reason
//	S text hello             a message in one frame
//	S begin, S more x, S last x
//	S ping x
//	S ! text hello           the same, and it is refused with ErrClosed
//	S > 3                    three bytes of what S has sent arrive; without a number, all
//	S sends 8802 03e8        the hex of what S has sent and has not arrived
//	S got a | b              events since the last time
//	S is closing until 5s    the phase and the deadline; without until, none
//	S fails 1002             its receiving half has ended with an error of this code
//	S receives 8100          hex, from nobody
//	S eof                    the transport ends
type scenario struct {
	t    testing.TB
	ends map[string]*end
	now  time.Duration
}

func play(t *testing.T, config wsproto.Config, steps ...string) {
	t.Helper()
	server, client := config, config
	client.State = ws.StateClientSide
	client.Mask = keys()
	s := &scenario{t: t, ends: map[string]*end{"S": newEnd(t, &server, nil), "C": newEnd(t, &client, nil)}}
	for _, line := range steps {
		if got := s.step(strings.Fields(line)); got != "" {
			t.Fatalf("%q: %s", line, got)
		}
	}
}

// step plays a step and returns what was wrong.
func (s *scenario) step(f []string) string {
	if f[0] == "at" {
		s.now, _ = time.ParseDuration(f[1])
		for _, e := range s.ends {
			e.now = s.now
		}
		return ""
	}
	e, verb, args := s.ends[f[0]], f[1], f[2:]
	arg := strings.Join(args, " ")
	switch verb {
	case "!":
		if err := s.append(e, args[0], args[1:]); err != wsproto.ErrClosed {
			return fmt.Sprintf("error %v", err)
		}
		return ""
	case ">":
		return s.deliver(f[0], arg)
	case "sends":
		return differ(fmt.Sprintf("%x", e.sent), strings.ReplaceAll(arg, " ", ""))
	case "got":
		got := e.events()
		e.got = nil
		return differ(got, arg)
	case "is":
		return differ(s.phase(e), arg)
	case "fails":
		return differ(strconv.Itoa(int(wsproto.CloseCode(e.err))), arg)
	case "receives":
		e.receive(mustHex(arg))
		return ""
	case "eof":
		e.sent = e.conn.AppendAnswer(e.sent, wsproto.Event{}, e.conn.EOF(), e.now)
		return ""
	}
	if err := s.append(e, verb, args); err != nil {
		return err.Error()
	}
	return ""
}

func differ(got, want string) string {
	if got == want {
		return ""
	}
	return "got " + strconv.Quote(got)
}

func (s *scenario) append(e *end, verb string, args []string) error {
	p := []byte(strings.Join(args, " "))
	switch verb {
	case "text":
		return e.do(e.conn.AppendMessage(e.sent, ws.OpText, p))
	case "begin":
		return e.conn.BeginMessage(ws.OpText, -1)
	case "more", "last":
		return e.do(e.conn.AppendFragment(e.sent, p, verb == "last"))
	case "ping":
		return e.do(e.conn.AppendPing(e.sent, p))
	case "pong":
		return e.do(e.conn.AppendPong(e.sent, p))
	case "close":
		code, reason := 0, ""
		if len(args) > 0 {
			code, _ = strconv.Atoi(args[0])
			reason = strings.Join(args[1:], " ")
		}
		return e.do(e.conn.AppendClose(e.sent, ws.StatusCode(code), reason, s.now))
	}
	return fmt.Errorf("unknown verb %q", verb)
}

func (s *scenario) deliver(from, count string) string {
	e, to := s.ends[from], s.ends[map[string]string{"S": "C", "C": "S"}[from]]
	n := len(e.sent)
	if count != "" {
		n, _ = strconv.Atoi(count)
	}
	to.receive(e.sent[:n])
	e.sent = e.sent[n:]
	return ""
}

func (s *scenario) phase(e *end) string {
	got := e.conn.Phase(s.now).String()
	if at, ok := e.conn.Deadline(); ok {
		got += " until " + at.String()
	}
	return got
}

func TestClosingHandshake(t *testing.T) {
	for _, tc := range []struct {
		name  string
		steps []string
	}{
		{"open", []string{"S is open", "C is open", "S text hi", "S >", "C got text:hi", "C is open"}},
		{"server first", []string{
			"at 10s", "S close 1000 bye", "S sends 8805 03e8 627965", "S is closing until 15s",
			"at 11s", "S >", "C got close:1000:bye", "C sends 8882 01010101 02e9", "C is linger until 16s",
			"at 12s", "C >", "S got close:1000:", "S sends", "S is shut until 17s", "C is linger until 16s"}},
		{"client first", []string{
			"C close 1001", "C is closing until 5s", "C >", "S got close:1001:", "S sends 8802 03e9", "S is shut until 5s",
			"at 1s", "S >", "C got close:1001:", "C sends", "C is linger until 6s"}},
		{"7.1.5: without a code, answered without one", []string{
			"C close", "C sends 8880 01010101", "C >", "S got close:1005:", "S sends 8800", "S >", "C got close:1005:"}},
		{"crossing", []string{
			"S close 1001", "C close 3000 x", "at 1s", "S >", "C >",
			"S got close:3000:x", "C got close:1001:", "S sends", "C sends", "S is shut until 6s", "C is linger until 6s"}},
		{"crossing, in pieces", []string{
			"S close 1001", "C close 3000 x", "S > 1", "C > 8", "S > 2", "C >", "S >",
			"S got close:3000:x", "C got close:1001:", "S sends", "C sends", "S is shut until 5s", "C is linger until 5s"}},

		{"5.5.1: what the peer had sent before is still received", []string{
			"S close 1000", "C text late", "C >", "S got text:late", "S is closing until 5s", "S sends 8802 03e8",
			"S >", "C >", "S got close:1000:", "S is shut until 5s"}},
		{"a ping that comes after our close frame gets no pong", []string{
			"S close 1000", "C ping x", "C >", "S got ping:x", "S sends 8802 03e8"}},
		{"1.4: data after the peer's close frame is dropped", []string{
			"S receives 8882 00000000 03e8 8181 00000000 61 8980 00000000", "S got close:1000:", "S sends 8802 03e8",
			"S receives 8181 00000000 62", "S got", "S fails 1006", "S is shut until 5s"}},
		{"garbage after the peer's close frame is dropped", []string{
			"S receives 8882 00000000 03e8 ffff ffff", "S sends 8802 03e8", "S is shut until 5s"}},
		{"a second close frame is dropped", []string{
			"S receives 8882 00000000 03e8 8882 00000000 03e9", "S got close:1000:", "S sends 8802 03e8"}},
		{"a second close frame of ours is refused", []string{
			"S close 1000", "S ! close 1001", "S ! close", "S sends 8802 03e8", "S is closing until 5s"}},
		{"so is one after the answer", []string{
			"C close 1000", "C >", "S ! close 1000", "S sends 8802 03e8"}},
		{"5.5.1: nothing follows a close frame", []string{
			"S close 1000", "S ! text x", "S ! begin", "S ! more x", "S ! ping x", "S ! pong x", "S sends 8802 03e8"}},
		{"nothing follows the answer", []string{
			"C close 1000", "C >", "S ! text x", "S ! ping x", "S sends 8802 03e8"}},

		{"close while our message is half sent", []string{
			"S begin", "S more ab", "S close 1000", "S ! more c", "S ! last c", "S sends 0102 6162 8802 03e8",
			"S >", "C got close:1000:", "C >", "S got close:1000:", "S is shut until 5s"}},
		{"the peer closes while our message is half sent", []string{
			"S begin", "S more ab", "C close 1000", "C >", "S ! last c", "S sends 0102 6162 8802 03e8", "S is shut until 5s",
			"S >", "C got close:1000:", "C is linger until 5s"}},
		{"the peer closes while its message is half sent", []string{
			"C begin", "C more ab", "C close 1000", "C >", "S got close:1000:", "S sends 8802 03e8"}},
		{"crossing while both messages are half sent", []string{
			"S begin", "S more a", "C begin", "C more b", "S close 1000", "C close 1001", "S >", "C >",
			"S got close:1001:", "C got close:1000:", "S sends", "C sends"}},

		{"7.1.7: an error is answered with its code", []string{
			"at 1s", "S receives 8100", "S fails 1002", "S is shut until 6s", "S ! text x", "S ! close 1000",
			"S >", "C got close:1002:ws: frame of a client is not masked", "C is linger until 6s",
			"C >", "S got", "S sends", "at 2s", "S eof", "S sends", "S is shut until 6s"}},
		{"a client does not wait for the server after an error", []string{
			"C receives 8180 00000000", "C fails 1002", "C is shut until 5s"}},
		{"an error after our close frame is not answered", []string{
			"S close 1000", "at 1s", "S receives 8100", "S sends 8802 03e8", "S is shut until 6s"}},
		{"an error while our message is half sent", []string{
			"C begin", "C more ab", "C >", "C receives 8300", "C ! last c", "C fails 1002",
			"C >", "S got close:1002:ws: reserved opcode"}},
		{"bad UTF-8", []string{"S receives 8181 00000000 ff", "S fails 1007", "S sends 881d 03ef 77733a2074657874206973206e6f742076616c6964205554462d38"}},
		{"a close frame that is wrong", []string{"S receives 8881 00000000 03", "S fails 1002", "S got", "S is shut until 5s"}},

		{"the transport ends without a close frame", []string{"S eof", "S sends", "S is over", "S ! text x", "S ! close 1000", "S ! ping"}},
		{"the transport ends inside a message", []string{"S receives 0181 00000000", "S eof", "S sends", "S is over"}},
		{"the transport ends instead of an answer", []string{"S close 1000", "S eof", "S is over until 5s"}},

		{"the answer does not come", []string{
			"at 2s", "S close 1000", "at 6999ms", "S is closing until 7s", "at 7s", "S is over until 7s", "at 9s", "S is over until 7s"}},
		{"the answer comes too late", []string{
			"S close 1000", "S >", "at 6s", "C >", "S got close:1000:", "S is over until 5s"}},
		{"the end does not come", []string{
			"C close 1000", "C >", "at 4999ms", "S is shut until 5s", "at 5s", "S is over until 5s",
			"S >", "C is over until 5s"}},
		{"a client whose server does not end", []string{
			"S close 1000", "at 1s", "S >", "C is linger until 6s", "at 6s", "C is over until 6s"}},
		{"the end does not come after an error", []string{"S receives 8100", "at 5s", "S is over until 5s"}},
	} {
		t.Run(tc.name, func(t *testing.T) { play(t, wsproto.Config{}, tc.steps...) })
	}
}

func TestCloseTimeout(t *testing.T) {
	for _, tc := range []struct {
		timeout time.Duration
		steps   []string
	}{
		{0, []string{"S close", "S is closing until 5s"}},
		{time.Minute, []string{"at 1s", "S close", "S is closing until 1m1s"}},
		{-1, []string{"S close", "S is closing", "at 1000h", "S is closing", "S >", "C is linger", "C >", "S is shut"}},
		{math.MaxInt64, []string{"at 1s", "S close", "S is closing until 2562047h47m16.854775807s"}},
	} {
		t.Run(tc.timeout.String(), func(t *testing.T) { play(t, wsproto.Config{CloseTimeout: tc.timeout}, tc.steps...) })
	}
}

func TestAppendCloseChecksItsCode(t *testing.T) {
	for _, tc := range []struct {
		code ws.StatusCode
		want error
	}{
		{1004, ws.ErrProtocolStatusCodeNoMeaning},
		{1006, ws.ErrProtocolStatusCodeApplicationLevel},
		{999, ws.ErrProtocolStatusCodeNotInUse},
		{5000, ws.ErrProtocolStatusCodeNotInUse},
		{1000, nil},
	} {
		var s wsproto.Sender
		out, err := s.AppendClose([]byte("front"), tc.code, "", 0)
		if err != tc.want {
			t.Errorf("%d: %v, want %v", tc.code, err, tc.want)
		}
		if err != nil && (string(out) != "front" || s.Phase(0) != wsproto.PhaseOpen) {
			t.Errorf("%d: refused, but dst is %q and the phase %v", tc.code, out, s.Phase(0))
		}
	}
}

// 5.5: a close frame holds 125 bytes; 7.1.6: the reason is UTF-8.
func TestAppendCloseCutsTheReason(t *testing.T) {
	var s wsproto.Sender
	out, err := s.AppendClose(nil, 1000, strings.Repeat("é", 100), 0)
	if want := "\x88\x7c\x03\xe8" + strings.Repeat("é", 61); err != nil || string(out) != want {
		t.Errorf("%q, %v", out, err)
	}
}

func TestAnErrorOfTheApplicationClosesTheConnection(t *testing.T) {
	var s wsproto.Sender
	out := s.AppendAnswer(nil, wsproto.Event{}, io.ErrShortBuffer, 0)
	if want := "\x88\x02\x03\xf3"; string(out) != want || s.Phase(0) != wsproto.PhaseShut {
		t.Errorf("%x, %v", out, s.Phase(0))
	}
	if out = s.AppendAnswer(out, wsproto.Event{}, io.ErrShortBuffer, 0); len(out) != 4 {
		t.Errorf("told twice: %x", out)
	}
}

func TestAppendAnswerHasNothingToSayTo(t *testing.T) {
	for name, tc := range map[string]struct {
		ev  wsproto.Event
		err error
	}{
		"a piece of a message":      {ev: wsproto.Event{Op: text, First: true, Payload: []byte("x")}},
		"a pong":                    {ev: wsproto.Event{Op: pong, First: true, Last: true}},
		"bytes that do not suffice": {err: ws.ErrShort},
		"room that does not":        {err: wsproto.ErrRoom},
	} {
		var s wsproto.Sender
		if out := s.AppendAnswer([]byte("front"), tc.ev, tc.err, 0); string(out) != "front" || s.Phase(0) != wsproto.PhaseOpen {
			t.Errorf("%s: %q, %v", name, out, s.Phase(0))
		}
	}
}

func TestPhaseHasAName(t *testing.T) {
	if got := fmt.Sprint(wsproto.PhaseOpen, wsproto.PhaseOver, wsproto.Phase(9)); got != "open over unknown" {
		t.Error(got)
	}
}
