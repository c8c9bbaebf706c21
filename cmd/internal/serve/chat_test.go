package serve_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/cmd/internal/serve"
	"github.com/wirews/wirews/ws"
)

// happening is what a chat sends.
type happening struct {
	Event, Room, Name, Text string
	Members                 []string
}

func (h happening) String() string {
	return strings.Join(strings.Fields(strings.Join(append([]string{h.Event, h.Room, h.Name, h.Text}, h.Members...), " ")), " ")
}

func (p peer) hear() (h happening) {
	p.t.Helper()
	if err := json.Unmarshal(p.text("what happens"), &h); err != nil {
		p.t.Fatal(err)
	}
	return h
}

func (p peer) wantToHear(what ...string) {
	p.t.Helper()
	for _, want := range what {
		if got := p.hear().String(); got != want {
			p.t.Errorf("heard %q, want %q", got, want)
		}
	}
}

func (p peer) say(text string) { p.send(masked(ws.OpText, true, text)) }

// join enters a room and reads the welcome.
func (s *testServer) join(t *testing.T, room, name string) peer {
	t.Helper()
	p := s.connectTo(t, "/chat?"+url.Values{"room": {room}, "name": {name}}.Encode())
	if got := p.hear(); got.Event != "welcome" || got.Room != room || !slices.Contains(got.Members, got.Name) {
		t.Fatalf("joined with %+v, want a welcome to %q", got, room)
	}
	return p
}

func TestEverybodyInARoomSeesEverybody(t *testing.T) { eachWay(t, testEverybodyInARoomSeesEverybody) }

func testEverybodyInARoomSeesEverybody(t *testing.T, o serve.Options) {
	s := start(t, o)
	ann := s.join(t, "den", "ann")
	bob := s.join(t, "den", "bob")
	other := s.join(t, "attic", "ann")
	ann.wantToHear("join bob")
	bob.say("hi, 世界 👋")
	ann.wantToHear("message bob hi, 世界 👋")
	bob.wantToHear("message bob hi, 世界 👋")
	ann.say("")
	bob.wantToHear("message ann")
	ann.wantToHear("message ann")
	bob.send(closing(1000, ""))
	bob.wantClose("bye", 1000, "")
	ann.wantToHear("leave bob")
	other.say("nobody else is here")
	other.wantToHear("message ann nobody else is here")
}

func TestANameThatIsTakenGetsANumber(t *testing.T) { eachWay(t, testANameThatIsTakenGetsANumber) }

func testANameThatIsTakenGetsANumber(t *testing.T, o serve.Options) {
	s := start(t, o)
	first := s.connectTo(t, "/chat")
	first.wantToHear("welcome lobby guest guest")
	second := s.connectTo(t, "/chat?room=lobby&name=guest")
	second.wantToHear("welcome lobby guest-2 guest guest-2")
	third := s.connectTo(t, "/chat?name=")
	third.wantToHear("welcome lobby guest-3 guest guest-2 guest-3")
	first.wantToHear("join guest-2", "join guest-3")
	second.wantToHear("join guest-3")
	second.send(closing(1000, ""))
	second.wantClose("bye", 1000, "")
	first.wantToHear("leave guest-2")
	s.connectTo(t, "/chat").wantToHear("welcome lobby guest-2 guest guest-2 guest-3")
}

func TestNamesThatCannotBeAreRefused(t *testing.T) { eachWay(t, testNamesThatCannotBeAreRefused) }

func testNamesThatCannotBeAreRefused(t *testing.T, o serve.Options) {
	s := start(t, o)
	for _, query := range []string{
		"room=" + strings.Repeat("x", 65), "name=" + strings.Repeat("x", 65), "name=%ff", "room=a%0ab", "name=%e2%80%8b",
	} {
		if resp, body := s.get(t, "/chat?"+query, nil); resp.StatusCode != 400 || body == "" {
			t.Errorf("%s: status %d with %q, want 400", query, resp.StatusCode, body)
		}
	}
}

func TestAChatTakesTextThatIsNotTooLong(t *testing.T) { eachWay(t, testAChatTakesTextThatIsNotTooLong) }

func testAChatTakesTextThatIsNotTooLong(t *testing.T, o serve.Options) {
	s := start(t, o)
	ann := s.join(t, "den", "ann")
	ann.send(join(masked(ws.OpBinary, true, "\x00"), closing(ws.StatusUnsupportedData, ""))) // and the answer to the close frame
	ann.wantClose("binary", ws.StatusUnsupportedData, "text only")
	bob := s.join(t, "attic", "bob") // where nobody leaves meanwhile
	longest := strings.Repeat("x", 16<<10)
	bob.say(longest)
	bob.wantToHear("message bob " + longest)
	bob.send(join(masked(ws.OpText, true, longest+"x"), closing(ws.StatusMessageTooBig, "")))
	bob.wantClose("too long", ws.StatusMessageTooBig, "")
}

// On pipes, which hold nothing, and in bubble time, which stands still as long
// as anybody can go on: had the others waited for the one that does not read,
// time would have passed.
func TestWhoReadsTooSlowlyIsDroppedAndBlocksNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const queue, n = 8, 100
		o := serve.Default()
		o.ChatQueue, o.Keepalive = queue, 0
		s := startOnPipes(t, o)
		bob := s.join(t, "den", "bob")
		slow := s.join(t, "den", "slow")
		never := s.join(t, "den", "never")
		bob.wantToHear("join slow", "join never")
		synctest.Wait() // "join never" is being written to the slow one

		since := time.Now()
		for i := range n {
			bob.say(fmt.Sprint(i))
			bob.wantToHear(fmt.Sprint("message bob ", i))
		}
		took(t, "last message", since, 0)

		// Inside the time that it is given, the slow one may still learn why.
		time.Sleep(4 * time.Second)
		slow.wantToHear("join never")
		f, err := ws.ReadFrame(slow)
		if code, reason, _ := ws.ParseClose(f.Payload); err != nil || f.Header.OpCode != ws.OpClose || code != ws.StatusTryAgainLater {
			t.Errorf("got %+v with %d %q, error %v; want a close frame with 1013", f.Header, code, reason, err)
		}
		slow.send(closing(ws.StatusTryAgainLater, ""))
		slow.wantEnd("behind the answer")
		bob.wantToHear("leave slow")
		took(t, "leave", since, 4*time.Second)

		// The other one reads nothing, and is cut off.
		bob.wantToHear("leave never")
		took(t, "leave", since, 5*time.Second)
		synctest.Wait() // it has left, and its transport is closed a little later
		never.wantCut("end")
		bob.say("still here")
		bob.wantToHear("message bob still here")
	})
}

// Nobody is faster than itself: who says much, and reads what is said, is
// slowed down and not dropped.
func TestWhoSaysMuchIsNotDroppedForThat(t *testing.T) { eachWay(t, testWhoSaysMuchIsNotDroppedForThat) }

func testWhoSaysMuchIsNotDroppedForThat(t *testing.T, o serve.Options) {
	const n = 5000
	o.ChatQueue = 4
	p := start(t, o).join(t, "den", "bob")
	var all []byte
	for i := range n {
		all = append(all, masked(ws.OpText, true, fmt.Sprint(i))...)
	}
	p.send(all)
	for i := range n {
		p.wantToHear(fmt.Sprint("message bob ", i))
	}
}
