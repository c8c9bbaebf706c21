package connect

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/wirews/wirews/ws"
)

// command is what a line that begins with a slash asks for.
type command struct {
	name, args, help string
	run              func(s *shell, args string) error
}

// A function, because help lists them all.
func commands() []command {
	return []command{
		{"/bin", "HEX", "send a binary message, as in /bin de ad be ef", (*shell).sendHex},
		{"/close", "[CODE [REASON]]", "close, with 1000 unless told otherwise", (*shell).sendClosing},
		{"/file", "PATH", "send a file as a binary message", (*shell).sendFile},
		{"/help", "", "show this", (*shell).help},
		{"/hex", "", "show messages as hex dumps, or no longer", (*shell).toggleHex},
		{"/info", "", "show what was agreed on", (*shell).info},
		{"/ping", "[TEXT]", "send a ping, and show how long its pong takes", (*shell).sendPing},
		{"/quit", "", "close with 1000, as Ctrl-D does", (*shell).sendClosing},
		{"/text", "TEXT", "send a text that begins with a slash, or is empty", (*shell).sendText},
		{"/textfile", "PATH", "send a file as a text message", (*shell).sendTextFile},
	}
}

// obey does what a typed line asks for.
func (s *shell) obey(line string) error {
	switch {
	case line == "":
		return nil // Enter alone; /text sends an empty message
	case !strings.HasPrefix(line, "/"):
		return s.sendText(line)
	case strings.HasPrefix(line, "//"):
		return s.sendText(line[1:])
	}
	name, args, _ := strings.Cut(line, " ")
	all := commands()
	i := slices.IndexFunc(all, func(c command) bool { return c.name == name })
	if i < 0 {
		return fmt.Errorf("there is no %s; /help lists what there is, and //… sends a text that begins with a slash", name)
	}
	return all[i].run(s, args)
}

func (s *shell) sendText(text string) error {
	if err := checkText([]byte(text), "/bin"); err != nil {
		return err
	}
	return s.link.now().send(ws.OpText, []byte(text))
}

func (s *shell) sendHex(args string) error {
	p, err := parseHex(args)
	if err != nil {
		return err
	}
	return s.link.now().send(ws.OpBinary, p)
}

func (s *shell) sendFile(path string) error     { return s.sendContent(ws.OpBinary, path) }
func (s *shell) sendTextFile(path string) error { return s.sendContent(ws.OpText, path) }

func (s *shell) sendContent(op ws.OpCode, path string) error {
	p, err := os.ReadFile(strings.TrimSpace(path))
	if err != nil {
		return err
	}
	if op == ws.OpText {
		if err := checkText(p, "/file"); err != nil {
			return err
		}
	}
	s.note("sending %d bytes", len(p)) // before the answer is shown
	return s.link.now().send(op, p)
}

func (s *shell) sendPing(text string) error {
	if text == "" {
		// Of several on their way, each is to be told from the others.
		s.pings++
		text = strconv.Itoa(s.pings)
	}
	if len(text) > ws.MaxControlFramePayloadSize {
		return fmt.Errorf("a ping carries up to %d bytes, not %d", ws.MaxControlFramePayloadSize, len(text))
	}
	return s.link.now().ping([]byte(text))
}

func (s *shell) sendClosing(args string) error {
	word, reason, _ := strings.Cut(strings.TrimSpace(args), " ")
	code := ws.StatusNormalClosure
	if word != "" {
		n, err := strconv.ParseUint(word, 10, 16)
		if err != nil {
			return fmt.Errorf("%q is no close code", word)
		}
		code = ws.StatusCode(n)
	}
	if err := ws.CheckCloseFrameData(code, reason); err != nil {
		return err
	}
	if room := ws.MaxControlFramePayloadSize - 2; len(reason) > room {
		return fmt.Errorf("a reason has up to %d bytes, not %d", room, len(reason))
	}
	s.link.close(code, reason)
	return nil
}

func (s *shell) toggleHex(string) error {
	on := !s.hex.Load()
	s.hex.Store(on)
	s.note("hex dumps: %s", map[bool]string{true: "on", false: "off"}[on])
	return nil
}

func (s *shell) info(string) error {
	c := s.link.now()
	hs := c.hs
	s.note("connected to %s; subprotocol: %s; extensions: %s", c.net.RemoteAddr(),
		cmp.Or(hs.Protocol, "none"), cmp.Or(extensionsText(hs), "none"))
	return nil
}

func (s *shell) help(string) error {
	s.note("A line is sent as a text message, unless it begins with a slash:")
	for _, c := range commands() {
		s.note("  %-24s %s", c.name+" "+c.args, c.help)
	}
	s.note("Tab completes, the arrow keys go through what was typed, Ctrl-D closes, Ctrl-C interrupts.")
	return nil
}

// complete completes a command, or the path after one that takes a path.
func complete(line string) (string, bool) {
	name, arg, hasArg := strings.Cut(line, " ")
	var choices []string
	if !hasArg {
		for _, c := range commands() {
			if strings.HasPrefix(c.name, name) {
				choices = append(choices, c.name+" ")
			}
		}
		return longest(choices, line)
	}
	i := slices.IndexFunc(commands(), func(c command) bool { return c.name == name })
	if i < 0 || commands()[i].args != "PATH" {
		return line, false
	}
	paths, err := filepath.Glob(globEscaper.Replace(arg) + "*")
	if err != nil {
		return line, false
	}
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			path += string(filepath.Separator)
		}
		choices = append(choices, name+" "+path)
	}
	return longest(choices, line)
}

var globEscaper = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`)

// longest returns the longest beginning that all choices share, or line if
// there is none.
func longest(choices []string, line string) (string, bool) {
	if len(choices) == 0 {
		return line, false
	}
	common := choices[0]
	for _, c := range choices[1:] {
		for !strings.HasPrefix(c, common) {
			common = common[:len(common)-1]
		}
	}
	return common, true
}
