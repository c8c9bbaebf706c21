package interop_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsutil"
)

const deflateTitle = "Every parameter of permessage-deflate"

// deflatePeer is an implementation that can be told the parameters.
type deflatePeer struct {
	name           string
	client, server []string             // commands; none: it cannot be told
	offers         []wsflate.Parameters // of its client
	atLeast        wsflate.WindowBits   // what it can compress with
	refuses        func(offer, own wsflate.Parameters) bool
}

var deflatePeers = []deflatePeer{
	{
		name:   "Chromium",
		client: []string{"node", "deflate_client_chromium.mjs"},
		offers: wsflate.DefaultOffers(), // a page cannot say anything else
	},
	{
		name:   "Node ws",
		client: []string{"node", "deflate_client_ws.mjs"},
		server: []string{"node", "deflate_server_ws.mjs"},
		offers: parameters(append(windows, wsflate.WindowBitsNoValue)),
		// It takes no offer of a smaller window than its own, and no client
		// that cannot be told one, be it the largest.
		refuses: func(offer, own wsflate.Parameters) bool {
			smaller := func(offer, own wsflate.WindowBits) bool { return offer > wsflate.WindowBitsNoValue && offer < own }
			return smaller(offer.ServerMaxWindowBits, own.ServerMaxWindowBits) || smaller(offer.ClientMaxWindowBits, own.ClientMaxWindowBits) ||
				own.ClientMaxWindowBits.Defined() && !offer.ClientMaxWindowBits.Defined()
		},
	},
	{
		name:    "Python websockets",
		client:  []string{python, "deflate_client_websockets.py"},
		server:  []string{python, "deflate_server_websockets.py"},
		offers:  parameters(append(windows, wsflate.WindowBitsNoValue)),
		atLeast: 9,
		refuses: func(_, _ wsflate.Parameters) bool { return false },
	},
}

func TestEveryDeflateParameter(t *testing.T) {
	for _, f := range deflatePeers {
		matrix.row(deflateTitle, f.name)
		t.Run(f.name+" as client", func(t *testing.T) {
			t.Parallel()
			f.need(t)
			f.testOffers(t, colOffers, deflateCases(f.offers))
			f.testOffers(t, colAccept, acceptCases(f.offers))
		})
		if f.server == nil {
			t.Logf("%s as server: it is none", f.name)
			continue
		}
		t.Run(f.name+" as server", func(t *testing.T) {
			t.Parallel()
			f.need(t)
			f.testAnswers(t, colAnswers, deflateCases(parameters(append(windows, wsflate.WindowBitsNoValue))))
			f.testAnswers(t, colDial, dialCases())
		})
	}
}

// testOffers lets the client make the offers to our server.
func (f deflatePeer) testOffers(t *testing.T, column string, cases []deflateCase) {
	cases = f.possible(t, cases, func(c deflateCase) wsflate.WindowBits {
		if c.declined() {
			return 15
		}
		return c.agreement().ClientMaxWindowBits
	})
	cell(t, deflateTitle, f.name, column, func(t *testing.T) string {
		s := startDeflateServer(t, cases)
		lines := run(t, nil, append(f.client, s.plan(t))...)
		for i, c := range cases {
			var theirs struct {
				Case   int
				Error  string
				Agreed *named
			}
			if !next(t, lines, &theirs) || theirs.Case != i || theirs.Error != "" {
				t.Fatalf("%v: %+v", c, theirs)
			}
			// What the peer has closed, the server has seen the end of.
			ours := <-s.seen[i]
			if ours.err != nil {
				t.Errorf("%v: %v", c, ours.err)
			}
			if c.mode == websocket.CompressionDisabled { // package websocket does not tell
				c.check(t, "our server", ours.agreed, c.declined())
			}
			c.check(t, "their client", theirs.Agreed, c.declined())
		}
		return count(len(cases))
	})
}

// need skips or fails without the implementation.
func (f deflatePeer) need(t *testing.T) {
	t.Helper()
	for _, other := range foreigners {
		if other.name == f.name {
			need(t, other.probe, other.missing)
			return
		}
	}
	t.Fatalf("%s is not among the foreigners", f.name)
}

// possible returns the cases in which the peer can compress with what is
// agreed on for it.
func (f deflatePeer) possible(t *testing.T, cases []deflateCase, sends func(deflateCase) wsflate.WindowBits) (some []deflateCase) {
	t.Helper()
	for _, c := range cases {
		if sends(c) >= f.atLeast {
			some = append(some, c)
		}
	}
	if n := len(cases) - len(some); n > 0 {
		t.Logf("%d of %d combinations left out: zlib cannot compress with 8 bits, and %s raises an error then", n, len(cases), f.name)
	}
	return some
}

func (c deflateCase) check(t *testing.T, whose string, agreed *named, declined bool) {
	t.Helper()
	switch {
	case declined != (agreed == nil):
		t.Errorf("%v: %s has %+v, want compression declined: %v", c, whose, agreed, declined)
	case agreed != nil && *agreed != named(c.agreement()):
		t.Errorf("%v: %s has agreed on %+v, want %+v", c, whose, *agreed, named(c.agreement()))
	}
}

// deflateServer is an echo that negotiates each connection as its case says.
type deflateServer struct {
	addr     string
	cases    []deflateCase
	messages []deflateMessage
	seen     []chan deflateSeen // by case
}

type deflateSeen struct {
	agreed *named // nil: declined
	err    error
}

func startDeflateServer(t *testing.T, cases []deflateCase) *deflateServer {
	s := &deflateServer{cases: cases, messages: deflateMessages(), seen: make([]chan deflateSeen, len(cases))}
	for i := range s.seen {
		s.seen[i] = make(chan deflateSeen, 1)
	}
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	s.addr = h.Listener.Addr().String()
	return s
}

// plan writes a file with what a client has to do, and returns its name.
func (s *deflateServer) plan(t *testing.T) string {
	t.Helper()
	plan := struct {
		URL      string           `json:"url"`
		Messages []deflateMessage `json:"messages"`
		Offers   []named          `json:"offers"`
	}{URL: "ws://" + s.addr + "/?case=", Messages: s.messages}
	for _, c := range s.cases {
		plan.Offers = append(plan.Offers, named(c.offer))
	}
	b, err := json.Marshal(plan)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "plan.json")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func (s *deflateServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i, err := strconv.Atoi(r.FormValue("case"))
	if err != nil || i < 0 || i >= len(s.cases) {
		http.Error(w, "a page to connect from", http.StatusOK)
		return
	}
	var seen deflateSeen
	if c := s.cases[i]; c.mode == websocket.CompressionDisabled {
		seen.agreed, seen.err = s.echo(w, r, c)
	} else {
		seen.err = s.echoByAccept(w, r, c)
	}
	s.seen[i] <- seen
}

// echo wants the messages, and sends each of them back.
func (s *deflateServer) echo(w http.ResponseWriter, r *http.Request, c deflateCase) (*named, error) {
	x := wsflate.Extension{Parameters: c.own}
	conn, _, _, err := ws.HTTPUpgrader{Negotiate: x.Negotiate}.Upgrade(r, w)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(patience))
	stream := wsutil.NewStream(conn, ws.StateServerSide, 0)
	var agreed *named
	if params, ok := x.Accepted(); ok {
		agreed = new(named(params))
		stream.SetExtension(wsflate.New(ws.StateServerSide, params, &wsflate.Options{Level: c.level, Threshold: -1}))
	}
	for _, m := range s.messages {
		if err := m.receive(stream); err != nil {
			return agreed, err
		}
		if err := stream.WriteMessage(m.Op, m.Payload); err != nil {
			return agreed, err
		}
	}
	if _, _, err := stream.ReadMessage(); err != (wsutil.ClosedError{Code: 1000}) {
		return agreed, fmt.Errorf("%v, want a close with 1000", err)
	}
	return agreed, nil
}

func (m deflateMessage) receive(s *wsutil.Stream) error {
	got, op, err := s.ReadMessage()
	if err == nil && (op != m.Op || !bytes.Equal(got, m.Payload)) {
		err = fmt.Errorf("%v of %d bytes has become %v of %d", m.Op, len(m.Payload), op, len(got))
	}
	return err
}

// testAnswers makes our offers to the server.
func (f deflatePeer) testAnswers(t *testing.T, column string, cases []deflateCase) {
	cases = f.possible(t, cases, func(c deflateCase) wsflate.WindowBits {
		return c.agreement().ServerMaxWindowBits
	})
	cell(t, deflateTitle, f.name, column, func(t *testing.T) string {
		s := startServer(t, identity{}, foreign{server: f.server}, false)
		messages := deflateMessages()
		for _, c := range cases {
			talk := c.talk
			if c.mode != websocket.CompressionDisabled {
				talk = c.talkByDial
			}
			if err := talk(t, s, messages, f.refuses(c.offer, c.own)); err != nil {
				t.Fatalf("%v: %v", c, err)
			}
		}
		return count(len(cases))
	})
}

// talk offers to a server, sends it the messages, and wants them back.
func (c deflateCase) talk(t *testing.T, s server, messages []deflateMessage, refused bool) error {
	offers := wsflate.Offers{c.offer}
	d := s.dialer
	d.Extensions = offers.Options()
	conn, err := dial(t, d, s.url(c.target()))
	if status, _ := errors.AsType[ws.StatusError](err); refused && status == http.StatusBadRequest {
		return nil
	}
	if err != nil || refused {
		return fmt.Errorf("handshake: %v, want a refusal: %v", err, refused)
	}
	defer conn.conn.Close()
	params, ok, err := offers.Accepted(conn.hs.Extensions)
	if !ok || err != nil {
		return fmt.Errorf("the answer is %v, error %v", conn.hs.Extensions, err)
	}
	c.check(t, "our client", new(named(params)), false)
	var theirs named
	if !next(t, s.lines, &theirs) {
		return errors.New("the server has ended")
	}
	c.check(t, "their server", &theirs, false)

	stream := wsutil.NewStream(conn.conn, ws.StateClientSide, 0)
	stream.SetExtension(wsflate.New(ws.StateClientSide, params, &wsflate.Options{Level: c.level, Threshold: -1}))
	for _, m := range messages {
		if err := stream.WriteMessage(m.Op, m.Payload); err != nil {
			return err
		}
		if err := m.receive(stream); err != nil {
			return err
		}
	}
	stream.Close(1000, "")
	if _, _, err := stream.ReadMessage(); err != (wsutil.ClosedError{Code: 1000}) {
		return fmt.Errorf("%v, want the answer to the close", err)
	}
	return nil
}

// target tells a server what it wishes for.
func (c deflateCase) target() string {
	own, err := json.Marshal(named(c.own))
	if err != nil {
		panic(err) // of numbers and booleans
	}
	return "/?own=" + url.QueryEscape(string(own))
}
