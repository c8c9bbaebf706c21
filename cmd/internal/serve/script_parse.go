package serve

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// ScriptLines describes the lines of a script, for the help.
const ScriptLines = `    send TEXT              a text message
    send-hex HEX           a binary message, as in send-hex de ad be ef
    expect TEXT            wait for a text message, which has to be this one
    expect-match REGEXP    the same with a regular expression (RE2)
    expect-hex HEX         wait for a binary message
    expect-any             wait for any message
    ping                   send a ping, and wait for its pong
    wait DURATION          as in wait 1.5s
    close [CODE [REASON]]  close, with 1000 unless told otherwise
    cut                    end the connection without a close frame
    repeat                 begin again`

// Script is what an endpoint says and expects, line by line.
type Script struct{ steps []step }

// verb is the first word of a line.
type verb string

const (
	send        verb = "send"
	sendHex     verb = "send-hex"
	expect      verb = "expect"
	expectMatch verb = "expect-match"
	expectHex   verb = "expect-hex"
	expectAny   verb = "expect-any"
	ping        verb = "ping"
	wait        verb = "wait"
	closing     verb = "close"
	cut         verb = "cut"
	repeat      verb = "repeat"
)

// step is a line. Which fields mean something depends on the verb.
type step struct {
	line int
	text string // of the line
	verb verb
	typ  websocket.MessageType
	p    []byte // to send, to expect, or the reason to close with
	re   *regexp.Regexp
	d    time.Duration
	code websocket.StatusCode
}

// ParseScript reads a script. Empty lines and those that begin with # mean nothing.
func ParseScript(r io.Reader) (*Script, error) {
	script := new(Script)
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		text := strings.TrimSpace(lines.Text())
		if text == "" || text[0] == '#' {
			continue
		}
		s, err := parseStep(text)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		s.line, s.text = n, text
		script.steps = append(script.steps, s)
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	return script, script.check()
}

// check reports a script that would never wait for anything, and lines that nothing
// leads to.
func (s *Script) check() error {
	if len(s.steps) == 0 {
		return fmt.Errorf("there is no line in it: want some of\n%s", ScriptLines)
	}
	waits := slices.ContainsFunc(s.steps, func(s step) bool {
		return s.verb == wait && s.d > 0 || s.verb == ping || strings.HasPrefix(string(s.verb), "expect")
	})
	for i, one := range s.steps {
		if one.verb == repeat && !waits {
			return fmt.Errorf("line %d: repeat without a line that waits would go on for ever", one.line)
		}
		if last := i == len(s.steps)-1; !last && (one.verb == repeat || one.verb == closing || one.verb == cut) {
			return fmt.Errorf("line %d: nothing is done after %s, so it has to be the last line", s.steps[i+1].line, one.verb)
		}
	}
	return nil
}

// parseStep reads a line.
func parseStep(text string) (s step, err error) {
	word, rest, _ := strings.Cut(text, " ")
	s.verb, s.typ, s.p = verb(word), websocket.MessageText, []byte(rest)
	switch s.verb {
	case send, expect:
	case sendHex, expectHex:
		s.typ = websocket.MessageBinary
		if s.p, err = hex.DecodeString(strings.ReplaceAll(rest, " ", "")); err != nil {
			err = fmt.Errorf("%s %q: this is no hex: %w", word, rest, err)
		}
		if s.verb == sendHex {
			s.verb = send
		}
	case expectMatch:
		if s.re, err = regexp.Compile(rest); err != nil {
			err = fmt.Errorf("%s: %w", word, err)
		}
	case wait:
		if s.d, err = time.ParseDuration(rest); err != nil || s.d < 0 {
			err = fmt.Errorf("%s %q: want a duration, as 1.5s", word, rest)
		}
	case closing:
		err = s.parseClose(rest)
	case expectAny, ping, cut, repeat:
		if rest != "" {
			err = fmt.Errorf("%s stands alone, without %q", word, rest)
		}
	default:
		err = fmt.Errorf("%q is none of\n%s", word, ScriptLines)
	}
	return s, err
}

func (s *step) parseClose(rest string) error {
	word, reason, _ := strings.Cut(rest, " ")
	s.code, s.p = websocket.StatusNormalClosure, []byte(reason)
	if word == "" {
		return nil
	}
	n, err := strconv.ParseUint(word, 10, 16)
	if err != nil {
		return fmt.Errorf("close: %q is no close code", word)
	}
	s.code = websocket.StatusCode(n)
	if err := ws.CheckCloseFrameData(ws.StatusCode(n), reason); err != nil {
		return fmt.Errorf("close: %w", err)
	}
	return nil
}
