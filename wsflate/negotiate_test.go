package wsflate

import (
	"iter"
	"strings"
	"testing"

	"github.com/gobwas/httphead"
)

// someBits are window bits as a side may wish for them; those of a client's
// offer may be without a value.
var (
	serverBits = []WindowBits{0, 8, 9, 12, 15}
	clientBits = []WindowBits{0, WindowBitsNoValue, 8, 9, 12, 15}
)

func combinations(client []WindowBits) iter.Seq[Parameters] {
	return func(yield func(Parameters) bool) {
		for flags := range 4 {
			for _, s := range serverBits {
				for _, c := range client {
					if !yield(Parameters{flags&1 != 0, flags&2 != 0, s, c}) {
						return
					}
				}
			}
		}
	}
}

func allOffers() iter.Seq[Parameters] { return combinations(clientBits) }
func allWishes() iter.Seq[Parameters] { return combinations(serverBits) }

// negotiate lets a server answer a list of offers, as an Upgrader does.
func negotiate(t testing.TB, n *Extension, offers Offers) (answers []httphead.Option) {
	t.Helper()
	for _, opt := range offers.Options() {
		answer, err := n.Negotiate(opt)
		if err != nil {
			t.Fatal(err)
		}
		if answer.Size() > 0 {
			answers = append(answers, answer)
		}
	}
	return answers
}

// TestBothEndsSeeTheSame tries every wish of a server with every offer.
func TestBothEndsSeeTheSame(t *testing.T) {
	agreed := 0
	for wish := range allWishes() {
		for offer := range allOffers() {
			server := Extension{Parameters: wish}
			offers := Offers{offer, {}}
			answers := negotiate(t, &server, offers)
			if len(answers) > 1 {
				t.Fatalf("%+v answers %+v twice", wish, offers)
			}
			got, ok, err := offers.Accepted(answers)
			want, accepted := server.Accepted()
			if err != nil || ok != accepted || got != want {
				t.Fatalf("%+v with %+v: the server has %+v, %v, the client %+v, %v, %v", wish, offer, want, accepted, got, ok, err)
			}
			if !ok {
				if wish.ClientMaxWindowBits.effective() == maxBits {
					t.Fatalf("%+v declines %+v", wish, offer)
				}
				continue
			}
			agreed++
			checkAgreement(t, wish, offer, got)
		}
	}
	if agreed < 1000 {
		t.Errorf("%d agreements only", agreed)
	}
}

// checkAgreement holds what was agreed on against RFC 7692, 7.1. The first
// offer, or the empty one behind it, may have been taken.
func checkAgreement(t *testing.T, wish, offer, got Parameters) {
	t.Helper()
	for _, b := range []WindowBits{got.ServerMaxWindowBits, got.ClientMaxWindowBits} {
		if b < minBits || b > maxBits {
			t.Fatalf("%+v with %+v agree on %+v", wish, offer, got)
		}
	}
	taken := got.ServerMaxWindowBits <= offer.ServerMaxWindowBits.effective() &&
		got.ClientMaxWindowBits <= offer.ClientMaxWindowBits.effective() &&
		(got.ServerNoContextTakeover || !offer.ServerNoContextTakeover)
	empty := got.ClientMaxWindowBits == maxBits
	if !taken && !empty ||
		got.ServerMaxWindowBits > wish.ServerMaxWindowBits.effective() ||
		got.ClientMaxWindowBits > wish.ClientMaxWindowBits.effective() ||
		wish.ServerNoContextTakeover && !got.ServerNoContextTakeover ||
		wish.ClientNoContextTakeover && !got.ClientNoContextTakeover {
		t.Fatalf("%+v with %+v agree on %+v", wish, offer, got)
	}
}

func TestServerAnswers(t *testing.T) {
	tests := []struct {
		name, offer, answer string
		wish                Parameters
	}{
		{name: "nothing wished, nothing offered", offer: "permessage-deflate", answer: "permessage-deflate"},
		{name: "what a browser offers", offer: "permessage-deflate; client_max_window_bits", answer: "permessage-deflate"},
		{
			name: "a smaller window for a browser", wish: Parameters{ClientMaxWindowBits: 10},
			offer: "permessage-deflate; client_max_window_bits", answer: "permessage-deflate;client_max_window_bits=10",
		},
		{
			name: "the server's window is not larger than offered", wish: Parameters{ServerMaxWindowBits: 15},
			offer: "permessage-deflate; server_max_window_bits=12", answer: "permessage-deflate;server_max_window_bits=12",
		},
		{
			name:  "the offer's constraints are taken up",
			offer: "permessage-deflate; server_no_context_takeover; server_max_window_bits=9; client_no_context_takeover", answer: "permessage-deflate;server_no_context_takeover;client_no_context_takeover;server_max_window_bits=9",
		},
		{
			name: "unasked, but for the client's window", wish: Parameters{true, true, 11, 0},
			offer: "permessage-deflate", answer: "permessage-deflate;server_no_context_takeover;client_no_context_takeover;server_max_window_bits=11",
		},
		{name: "a window that the client cannot be told", wish: Parameters{ClientMaxWindowBits: 10}, offer: "permessage-deflate"},
		{name: "an unknown parameter", offer: "permessage-deflate; fast"},
		{name: "bits without a value", offer: "permessage-deflate; server_max_window_bits"},
		{name: "another extension", offer: "permessage-bzip2"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			n := Extension{Parameters: test.wish}
			answer, err := n.Negotiate(option(t, test.offer))
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			if answer.Size() > 0 {
				httphead.WriteOptions(&got, []httphead.Option{answer})
			}
			if got.String() != test.answer {
				t.Errorf("answer %q, want %q", got.String(), test.answer)
			}
			if _, ok := n.Accepted(); ok != (test.answer != "") {
				t.Errorf("Accepted reports %v", ok)
			}
		})
	}
}

func TestServerTakesTheFirstOfferItCan(t *testing.T) {
	n := Extension{Parameters: Parameters{ClientMaxWindowBits: 10}}
	for i, offer := range []string{
		"permessage-deflate; nonsense",                         // not valid
		"permessage-deflate",                                   // cannot be told its window
		"permessage-deflate; client_max_window_bits=9",         // this
		"permessage-deflate; client_max_window_bits",           // too late
		"permessage-deflate; client_max_window_bits; nonsense", // too late
	} {
		answer, err := n.Negotiate(option(t, offer))
		if err != nil || (answer.Size() > 0) != (i == 2) {
			t.Errorf("%s: %q, %v", offer, answer.String(), err)
		}
	}
	if p, ok := n.Accepted(); !ok || p != (Parameters{false, false, 15, 9}) {
		t.Errorf("%+v, %v", p, ok)
	}
	n.Reset()
	if p, ok := n.Accepted(); ok || p != (Parameters{}) {
		t.Errorf("after Reset: %+v, %v", p, ok)
	}
}

func TestClientJudgesTheAnswer(t *testing.T) {
	tests := []struct {
		name    string
		offers  Offers
		answers []string
		want    Parameters
		ok, bad bool
	}{
		{name: "declined", offers: DefaultOffers()},
		{name: "only another extension", offers: DefaultOffers(), answers: []string{"x-other"}},
		{name: "plain", offers: DefaultOffers(), answers: []string{"permessage-deflate"}, want: Parameters{false, false, 15, 15}, ok: true},
		{name: "all", offers: DefaultOffers(), answers: []string{"permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=8; client_max_window_bits=11"}, want: Parameters{true, true, 8, 11}, ok: true},
		{name: "what was offered holds", offers: Offers{{ClientNoContextTakeover: true, ClientMaxWindowBits: 9}}, answers: []string{"permessage-deflate"}, want: Parameters{false, true, 15, 9}, ok: true},
		{name: "the second offer", offers: Offers{{ServerMaxWindowBits: 9}, {}}, answers: []string{"permessage-deflate; server_max_window_bits=12"}, want: Parameters{false, false, 12, 15}, ok: true},
		{name: "promises of any offer that it fits", offers: Offers{{ClientMaxWindowBits: WindowBitsNoValue}, {ClientMaxWindowBits: 10}, {ClientNoContextTakeover: true}, {ServerNoContextTakeover: true, ClientMaxWindowBits: 8}}, answers: []string{"permessage-deflate"}, want: Parameters{false, true, 15, 10}, ok: true},
		{name: "twice", offers: DefaultOffers(), answers: []string{"permessage-deflate", "permessage-deflate"}, bad: true},
		{name: "not offered", answers: []string{"permessage-deflate"}, bad: true},
		{name: "bits out of range", offers: DefaultOffers(), answers: []string{"permessage-deflate; server_max_window_bits=99"}, bad: true},
		{name: "unknown", offers: DefaultOffers(), answers: []string{"permessage-deflate; turbo"}, bad: true},
		{name: "valueless", offers: DefaultOffers(), answers: []string{"permessage-deflate; client_max_window_bits"}, bad: true},
		{name: "larger than offered", offers: Offers{{ServerMaxWindowBits: 12}}, answers: []string{"permessage-deflate; server_max_window_bits=15"}, bad: true},
		{name: "constraint on the server ignored", offers: Offers{{ServerMaxWindowBits: 12}}, answers: []string{"permessage-deflate"}, bad: true},
		{name: "takeover although declined", offers: Offers{{ServerNoContextTakeover: true}}, answers: []string{"permessage-deflate"}, bad: true},
		{name: "client's window without an offer", offers: Offers{{}}, answers: []string{"permessage-deflate; client_max_window_bits=15"}, bad: true},
		{name: "client's window larger than offered", offers: Offers{{ClientMaxWindowBits: 9}}, answers: []string{"permessage-deflate; client_max_window_bits=10"}, bad: true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var exts []httphead.Option
			for _, a := range test.answers {
				exts = append(exts, option(t, a))
			}
			got, ok, err := test.offers.Accepted(exts)
			if (err != nil) != test.bad || ok != test.ok || got != test.want {
				t.Errorf("%+v, %v, %v", got, ok, err)
			}
		})
	}
}

func TestBudget(t *testing.T) {
	b := NewBudget(100 << 10)
	open := func() (*Deflate, Parameters) {
		n := Extension{Budget: b}
		if _, err := n.Negotiate(option(t, "permessage-deflate; client_max_window_bits")); err != nil {
			t.Fatal(err)
		}
		p, _ := n.Accepted()
		return New(0, p, &Options{Budget: b}), p
	}
	var all []*Deflate
	for i := range 3 {
		d, p := open()
		all = append(all, d)
		if want := i == 2; p.ServerNoContextTakeover != want || p.ClientNoContextTakeover != want {
			t.Errorf("connection %d: %+v with %d bytes used", i, p, b.Used())
		}
	}
	for i, d := range all {
		if i == 0 {
			d.Release() // what it holds is the garbage collector's from now on
		}
		d.Close()
		d.Close()
		d.Release()
	}
	if b.Used() != 0 {
		t.Errorf("%d bytes used by nobody", b.Used())
	}
	if _, p := open(); p.ServerNoContextTakeover {
		t.Error("no takeover although there is room again")
	}
}
