package prose

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// number is a group that matches a number with its unit, or alone.
const number = `((?:[0-9][0-9,]*|two|three|four|five|six|seven|eight|nine|ten)(?: (?:KiB|MiB|GiB|seconds))?)`

// A claim is a sentence with a number that is a constant in the code. In says,
// # stands for the number.
type claim struct {
	constant string
	says     string
	in       []string // files that say so; all others that do are held to it too
}

var claims = []claim{
	// Heads.
	{"httpx.DefaultMaxHead", "head may have #, its lines", []string{"ws/doc.go"}},
	{"httpx.DefaultMaxLine", "its lines # each", []string{"ws/doc.go"}},
	{"httpx.DefaultMaxFields", "each, and # fields", []string{"ws/doc.go"}},
	{"httpx.DefaultMaxHead", "# a head, 16 KiB a line", []string{"docs/security.md"}},
	{"httpx.DefaultMaxLine", "a head, # a line", []string{"docs/security.md"}},
	{"httpx.DefaultMaxFields", "a line, # fields", []string{"docs/security.md"}},
	{"httpx.DefaultMaxHead", "431 beyond #, a line", []string{"docs/migrating-from-gobwas.md"}},
	{"httpx.DefaultMaxLine", "a line of # or", []string{"docs/migrating-from-gobwas.md"}},
	{"httpx.DefaultMaxFields", "KiB or # fields", []string{"docs/migrating-from-gobwas.md"}},
	{"httpx.DefaultMaxHead", "a head of more than # | refused | taken", []string{"docs/security.md"}},
	{"httpx.DefaultMaxLine", "a line of more than #", []string{"docs/security.md"}},
	{"httpx.DefaultMaxFields", "more than # fields", []string{"docs/security.md"}},

	// Frames and messages.
	{"ws.DefaultMaxFramePayload", "reads payloads of up to #", []string{"ws/doc.go"}},
	{"ws.DefaultMaxFramePayload", "`ReadFrame` refuses more than #", []string{"docs/security.md"}},
	{"ws.DefaultMaxFramePayload", "`ReadFrame` reads any length | #", []string{"docs/migrating-from-gobwas.md"}},
	{"wsproto.DefaultMaxMessage", "`Stream` more than # a message", []string{"docs/security.md"}},
	{"wsproto.DefaultMaxMessage", "A message may have #, before", []string{"wsproto/doc.go"}},
	{"wsproto.DefaultMaxMessage", "Stream.? accept messages of up to #", []string{"wsutil/doc.go"}},
	{"wsproto.DefaultMaxMessage", "no limit on messages by default | #", []string{"docs/migrating-from-gobwas.md"}},
	{"wsproto.DefaultMaxFragments", "# fragments and 4,096", []string{"wsproto/doc.go", "wsutil/doc.go"}},
	{"wsproto.DefaultMaxFragments", "all fragments; at most # of them", []string{"docs/security.md"}},
	{"wsproto.DefaultMaxControls", "fragments and # control frames", []string{"wsproto/doc.go", "wsutil/doc.go"}},
	{"wsproto.DefaultMaxControls", "at most #; the close code is 1008", []string{"docs/security.md"}},
	{"wsproto.DefaultMaxControls", "any number of control frames is kept | #", []string{"docs/migrating-from-gobwas.md"}},
	{"wsproto.DefaultMaxFragments", "may consist of # frames", []string{"websocket/doc.go"}},
	{"wsproto.DefaultMaxControls", "frames, with # control frames", []string{"websocket/doc.go"}},
	{"ws.MaxControlFramePayloadSize", "lets pieces past # bytes", []string{"docs/migrating-from-gobwas.md"}},
	{"ws.MaxControlFramePayloadSize", "for a message of up to # bytes", []string{"wsutil/doc.go"}},
	{"internal/growread.First", "a peer declares, beyond #", []string{"wsutil/doc.go"}},
	{"internal/growread.First", "for one of nearly #", []string{"wsutil/doc.go"}},
	{"internal/growread.First", "the payload alone, up to #;|beyond # it may have up to twice", []string{"docs/migrating-from-gobwas.md"}},
	{"wsproto.minDecode", "below # bytes there are many calls", []string{"wsproto/doc.go"}},
	{"internal/checkedio.MaxEmptyReads", "for # Reads without bytes", []string{"ws/doc.go", "wsutil/doc.go"}},
	{"wsutil.undecodedSize", "A Reader holds up to #", []string{"wsutil/doc.go"}},

	// Package websocket.
	{"websocket.defaultReadLimit", "A message may have # bytes, unless .Conn.SetReadLimit", []string{"websocket/doc.go"}},
	{"websocket.defaultReadLimit", "takes messages of up to #", []string{"docs/security.md"}},
	{"websocket.defaultReadLimit", "bytes of a message; # by default", []string{"README.md"}},
	{"websocket.defaultReadLimit", "The default of `websocket` is #", nil},
	{"websocket.defaultReadLimit", "# if it is not called, where|if your messages are longer than #", []string{"docs/migrating-from-gws.md", "docs/migrating-from-hertz.md"}},
	{"websocket.defaultReadLimit", "and nothing else: # of brackets", []string{"docs/clients.md"}},
	{"websocket.restartMost", "at least 5 to #, or a sixth", []string{"docs/clients.md"}},
	{"wshub.maxWaiting", "If # messages wait for one", []string{"wshub/doc.go"}},
	{"internal/messageconn.MaxUnread", "nobody reads pile up to #, and|when they are more than #, the connection ends", []string{"websocket/doc.go", "docs/browser.md"}},
	{"internal/messageconn.MaxBuffered", "Write.? waits while more than # of what was written", []string{"websocket/doc.go", "docs/browser.md"}},
	{"websocket.fairShare", "other goroutines run after #", nil},
	{"websocket.handshakeTimeout", "the handshake of `AcceptConn` #", []string{"docs/security.md"}},
	{"websocket.defaultRetryAfter", "`RetryAfter`, # by default", []string{"docs/server.md"}},
	{"wsproto.DefaultCloseTimeout", "without a deadline, it has #", []string{"docs/server.md"}},
	{"websocket.leastUnderWay", "`MaxConns`, or # if that is more", []string{"docs/server.md"}},
	{"internal/endpoint.MaxRest", "a frame of more than # was under way", []string{"websocket/doc.go"}},
	{"internal/endpoint.MaxRest", "the rest, up to #, is sent", []string{"docs/migrating-from-coder.md"}},
	{"websocket.largeDirect", "`direct`, from # on", []string{"docs/internals.md"}},
	{"internal/bufpool.class0", "it has buffers of #", []string{"websocket/doc.go"}},

	// The table of docs/limits.md.
	{"internal/bufpool.class0", "the smallest buffer, which has #", []string{"docs/limits.md"}},
	{"httpx.DefaultMaxHead", "# in all, 16 KiB for a line", []string{"docs/limits.md"}},
	{"httpx.DefaultMaxLine", "in all, # for a line", []string{"docs/limits.md"}},
	{"httpx.DefaultMaxFields", "for a line, # fields in it", []string{"docs/limits.md"}},
	{"wspoll.defaultHandshakeTimeout", "`websocket.AcceptConn` and `wspoll`: #", []string{"docs/limits.md"}},
	{"websocket.handshakeTimeout", "`websocket.AcceptConn` and `wspoll`: #", []string{"docs/limits.md"}},
	{"websocket.defaultReadLimit", "`websocket`: # for each", []string{"docs/limits.md"}},
	{"wspoll.defaultMaxMessage", "`wspoll`: # for each", []string{"docs/limits.md"}},
	{"wsproto.DefaultMaxMessage", "`wsproto` and `wsutil`: # for each", []string{"docs/limits.md"}},
	{"ws.DefaultMaxFramePayload", "`ws.ReadFrame`: # for one", []string{"docs/limits.md"}},
	{"wsflate.DefaultMaxSize", "`wsflate` alone: # of it", []string{"docs/limits.md"}},
	{"wsflate.ratioFloor", "and from # on 200 times what came", []string{"docs/limits.md"}},
	{"wsflate.DefaultMaxRatio", "on # times what came", []string{"docs/limits.md"}},
	{"wsproto.DefaultMaxFragments", "frames of a message . # of them", []string{"docs/limits.md"}},
	{"wsproto.DefaultMaxControls", "inside a message . # of them", []string{"docs/limits.md"}},
	{"internal/endpoint.FreeMessage", "the budget, and # free", []string{"docs/limits.md"}},
	{"wsproto.DefaultQueueBytes", "`wspoll`: # of it;|with a `Queue` # of it", []string{"docs/limits.md"}},
	{"wspoll.defaultStallTimeout", "`wspoll`: # of that", []string{"docs/limits.md"}},
	{"wsproto.DefaultCloseTimeout", "closing handshake . # for it", []string{"docs/limits.md"}},
	{"websocket/h2.defaultWindow", "before somebody reads . # of each", []string{"docs/limits.md"}},
	{"websocket/h3.defaultWindow", "before somebody reads . # of each", []string{"docs/limits.md"}},
	{"websocket/h2.connWindow", "of a connection over HTTP/2 . # of them", []string{"docs/limits.md"}},
	{"websocket/h2.defaultMaxHeader", "fields of a response . # of them", []string{"docs/limits.md"}},
	{"websocket/h3.defaultMaxHeader", "fields of a response . # of them", []string{"docs/limits.md"}},
	{"websocket/h2.maxReplies", "`h2`: # of answers", []string{"docs/limits.md"}},
	{"websocket/h2.defaultMaxStreams", "`h2`: # in one", []string{"docs/limits.md"}},
	{"websocket/h2.defaultConnectTimeout", "`h2`: # to connect", []string{"docs/limits.md"}},
	{"websocket/h3.defaultConnectTimeout", "`h3`: # to connect", []string{"docs/limits.md"}},
	{"websocket/h3.defaultMaxStreams", "`h3`: # in one", []string{"docs/limits.md"}},

	// Package wspoll.
	{"wspoll.turnBytes", "In its turn up to # are received", []string{"wspoll/doc.go"}},
	{"wspoll.defaultMaxMessage", "`Limits.Message`: # if it is not set", []string{"docs/migrating-from-nbio.md"}},
	{"wspoll.defaultHandshakeTimeout", "`HandshakeTimeout`: # if it is not set", []string{"docs/migrating-from-nbio.md"}},
	{"wspoll.defaultStallTimeout", "a peer that takes nothing for # is cut off", []string{"docs/migrating-from-nbio.md"}},
	{"wsproto.DefaultQueueBytes", "is collected. Here that is #, messages", []string{"docs/migrating-from-nbio.md"}},

	// The closing handshake.
	{"wsproto.DefaultCloseTimeout", "The peer has # for each step", []string{"wsproto/doc.go"}},
	{"wsproto.DefaultCloseTimeout", "gives it # for each step", []string{"docs/security.md"}},
	{"wsproto.DefaultCloseTimeout", "peer's close frame, for # at most|if the peer does not answer in #", []string{"docs/migrating-from-gws.md", "docs/migrating-from-nbio.md"}},
	{"wsproto.DefaultCloseTimeout", "Close takes # at most", []string{"docs/migrating-from-coder.md"}},

	// Compression.
	{"wsflate.DefaultMaxSize", "may inflate to #, and beyond", []string{"docs/compression.md"}},
	{"wsflate.DefaultMaxSize", "bounded while it inflates, #", []string{"docs/security.md"}},
	{"wsflate.DefaultMaxSize", "messages inflate without limit | #", []string{"docs/migrating-from-gobwas.md"}},
	{"wsflate.ratioFloor", "and beyond # to 200 times|and beyond # its ratio|received beyond #;", []string{"docs/compression.md", "docs/security.md", "docs/migrating-from-gobwas.md"}},
	{"wsflate.ratioFloor", "once it has more than #", []string{"websocket/doc.go", "docs/migrating-from-coder.md"}},
	{"wsflate.DefaultMaxRatio", "MiB to # times|MiB, and # times what|to what was received, #;", []string{"docs/compression.md", "docs/security.md", "docs/migrating-from-gobwas.md"}},
	{"wsflate.DefaultMaxRatio", "inflate to(?: more than)? # times its size", []string{"websocket/doc.go", "docs/migrating-from-coder.md"}},
	{"wsflate.DefaultThreshold", "Messages shorter than # bytes", []string{"docs/compression.md"}},
	{"wsflate.DefaultTakeoverThreshold", "with takeover #, are sent as they are", []string{"docs/compression.md"}},
}

// exempt are sentences with sizes and times that are no constants of ours.
var exempt = []string{
	`no windows of less than 32 KiB`, `windows of less than 32 KiB`, `256 bytes to 32 KiB`, // RFC 7692
	`A window of 11 bits holds 2 KiB`,
	`With it and a window of 32 KiB, it holds at most 33 KiB to receive, and to send at most 57 KiB at level Fastest and 169 KiB`, // wsflate's memory_test
	`where it is 27 KiB to send`,
	`From the largest buffer on, 18 MiB`,             // internal/bufpool's, less half a page
	`server's request and its buffers, about 10 KiB`, // net/http's, in websocket's memory_test
	`The HTTP server keeps about 10 KiB`,
	`1 KiB costs half as much`, `64 KiB cost three times`, // of the tables of docs/performance.md
	`Messages of 1 KiB become`, `those of 64 KiB hardly`,
	`compressed messages of 1 GiB of zeros`, `cut off after three seconds`, // cases of autobahn
	`in 262,144 fragments`, `messages of up to 16 MiB, in up to 65,536 fragments; in the others, up to 128 KiB`,
	`4 to 64 KiB are reasonable`,               // advice on room
	`together they hold 128 MiB at most`,       // a flag of the command, whose default docs/command.md has
	`no message of more than 16,384 fragments`, // Node's ws
	`where gws has 16 MiB`, `where nbio has 4 MiB`, `a connection that is silent for 120 seconds`, `The read deadline of 120 seconds`,
	`it inflates messages to at most 4 MiB`,                     // Node's; cmd/e2e/page
	`less than 4 MiB } `, `can be received: 32 KiB in the time`, // websocket/h2's flow_test.go holds them
	`take turns of 16 KiB`,                                                         // the size of frames of HTTP/2
	`a head of more than 1 MiB`, `a head of more than 10 MiB`, `1 MiB its default`, // net/http's; fronts_test.go
}

// texts returns what is written by hand, with the white space made even.
func texts(t *testing.T) map[string]string {
	t.Helper()
	var paths []string
	for _, pattern := range []string{"README.md", "docs/*.md", "docs/*/*.md", "*/doc.go"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(found), err)
		}
		paths = append(paths, found...)
	}
	comment := regexp.MustCompile(`(?m)^//`)
	generated := regexp.MustCompile(`(?s)<!-- begin: (make [a-z-]+) -->.*?<!-- end: make [a-z-]+ -->`)
	all := make(map[string]string)
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name, _ := filepath.Rel(root, path)
		// What is generated is held to its generator elsewhere.
		if name = filepath.ToSlash(name); !slices.Contains([]string{"docs/performance.md", "docs/million.md", "docs/interop.md", "docs/command.md", "docs/attacks.md"}, name) {
			text := generated.ReplaceAllString(comment.ReplaceAllString(string(b), ""), "")
			all[name] = strings.Join(strings.Fields(text), " ")
		}
	}
	return all
}

// pattern makes a regular expression of what a claim says.
func (c claim) pattern() *regexp.Regexp {
	var alternatives []string
	for _, s := range strings.Split(strings.ReplaceAll(c.says, " | ", " \x00 "), "|") {
		s = strings.NewReplacer("\x00", `\|`, "#", number).Replace(s)
		alternatives = append(alternatives, s)
	}
	return regexp.MustCompile(strings.Join(alternatives, "|"))
}

// TestNumbersAreTheConstantsOfTheCode: a sentence with a number says what the
// code has, wherever it stands.
func TestNumbersAreTheConstantsOfTheCode(t *testing.T) {
	code, all := newProgram(), texts(t)
	for _, c := range claims {
		want, pattern := code.value(t, c.constant), c.pattern()
		for name, text := range all {
			matches := pattern.FindAllStringSubmatch(text, -1)
			if len(matches) == 0 && slices.Contains(c.in, name) {
				t.Errorf("%s does not say %q any more", name, c.says)
			}
			for _, m := range matches {
				said := strings.Join(m[1:], "") // one of the alternatives
				if got, err := parse(said); err != nil || got != want {
					t.Errorf("%s: %q says %s, %s is %d: %v", name, m[0], said, c.constant, want, err)
				}
			}
		}
	}
}

// TestEverySizeAndTimeIsHeld: a number with a unit is part of a claim, or of a
// sentence that is known to be about something else.
func TestEverySizeAndTimeIsHeld(t *testing.T) {
	unit := regexp.MustCompile(`\b(?:[0-9][0-9,.]*|two|three|four|five|six|seven|eight|nine|ten) (?:KiB|MiB|GiB|seconds|fields|fragments|control frames)\b`)
	var known []*regexp.Regexp
	for _, c := range claims {
		known = append(known, c.pattern())
	}
	for _, e := range exempt {
		known = append(known, regexp.MustCompile(regexp.QuoteMeta(e)))
	}
	for name, text := range texts(t) {
		var held [][]int
		for _, k := range known {
			held = append(held, k.FindAllStringIndex(text, -1)...)
		}
		for _, at := range unit.FindAllStringIndex(text, -1) {
			inside := func(span []int) bool { return span[0] < at[1] && at[0] < span[1] }
			if !slices.ContainsFunc(held, inside) {
				t.Errorf("%s: nothing holds %q in %q: add it to claims or to exempt", name, text[at[0]:at[1]],
					text[max(0, at[0]-60):min(len(text), at[1]+40)])
			}
		}
	}
}

var words = []string{"two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"}

// parse returns a number of bytes, of nanoseconds, or of anything else.
func parse(s string) (int64, error) {
	digits, unit, _ := strings.Cut(s, " ")
	n := int64(slices.Index(words, digits) + 2)
	if n < 2 {
		var err error
		if n, err = strconv.ParseInt(strings.ReplaceAll(digits, ",", ""), 10, 64); err != nil {
			return 0, err
		}
	}
	factor, ok := map[string]int64{"": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "seconds": int64(time.Second)}[unit]
	if !ok {
		return 0, fmt.Errorf("no unit %q", unit)
	}
	return n * factor, nil
}

func TestParse(t *testing.T) {
	for s, want := range map[string]int64{"32 KiB": 32768, "131,072": 1 << 17, "five seconds": 5e9, "ten": 10, "1 GiB": 1 << 30} {
		if got, err := parse(s); got != want || err != nil {
			t.Errorf("%s: got %d, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "many", "5 lines"} {
		if got, err := parse(s); err == nil {
			t.Errorf("%q is %d", s, got)
		}
	}
}
