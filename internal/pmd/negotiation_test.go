package pmd_test

import (
	"testing"

	"github.com/wirews/wirews/internal/pmd"
)

func TestAnswers(t *testing.T) {
	tests := []struct {
		offered, accepted string
		want              bool
	}{
		{"", "", true},
		{"", "; server_no_context_takeover", true},
		{"", "; client_no_context_takeover", true},
		{"", "; server_max_window_bits=10", true},
		{"", "; server_no_context_takeover=1", false},
		{"", "; server_no_context_takeover; server_no_context_takeover", false},
		{"", "; server_max_window_bits", false},
		{"", "; server_max_window_bits=16", false},
		{"", "; unknown", false},
		{"", "; client_max_window_bits=10", false},
		{"; client_max_window_bits", "; client_max_window_bits=10", true},
		{"; client_max_window_bits", "; client_max_window_bits", false},
		{"; client_max_window_bits", "", true},
		{"; client_max_window_bits=10", "; client_max_window_bits=11", false},
		{"; client_max_window_bits=10", "; client_max_window_bits=10", true},
		{"; client_max_window_bits=10", "", true},
		{"; server_max_window_bits=10", "; server_max_window_bits=10", true},
		{"; server_max_window_bits=10", "; server_max_window_bits=8", true},
		{"; server_max_window_bits=10", "; server_max_window_bits=11", false},
		{"; server_max_window_bits=10", "", false},
		{"; server_no_context_takeover", "; server_no_context_takeover", true},
		{"; server_no_context_takeover", "", false},
		{"; client_no_context_takeover", "", true},
		// A server has to decline these.
		{"; unknown", "", false},
		{"; client_max_window_bits=99", "", false},
		{"; client_max_window_bits; client_max_window_bits", "", false},
	}
	for _, test := range tests {
		if got := pmd.Answers(option(t, pmd.Name+test.offered), option(t, pmd.Name+test.accepted)); got != test.want {
			t.Errorf("offered %q, answered %q: %v", test.offered, test.accepted, got)
		}
	}
}

// TestAnswerFits tries every wish of a server with every offer: its answer is
// one that the client takes, and both get what they asked for.
func TestAnswerFits(t *testing.T) {
	answered := 0
	for wish := range combinations(0, 8, 9, 12, 15) {
		for offer := range combinations(0, pmd.NoValue, 8, 9, 12, 15) {
			answer, ok := wish.Answer(offer)
			if !ok {
				if wish.ClientMaxWindowBits.Effective() == pmd.MaxBits || offer.ClientMaxWindowBits != 0 {
					t.Fatalf("%+v declines %+v", wish, offer)
				}
				continue
			}
			answered++
			offered, accepted := offer.Option(), answer.Option()
			if !pmd.Answers(&offered, &accepted) {
				t.Fatalf("%+v answers %+v with %+v", wish, offer, answer)
			}
			got := answer.Agreed(offer)
			for _, side := range []pmd.Parameters{wish, offer} {
				if got.ServerMaxWindowBits > side.ServerMaxWindowBits.Effective() ||
					got.ClientMaxWindowBits > side.ClientMaxWindowBits.Effective() ||
					side.ServerNoContextTakeover && !got.ServerNoContextTakeover ||
					side.ClientNoContextTakeover && !got.ClientNoContextTakeover {
					t.Fatalf("%+v with %+v agree on %+v", wish, offer, got)
				}
			}
			if min(got.ServerMaxWindowBits, got.ClientMaxWindowBits) < pmd.MinBits {
				t.Fatalf("%+v with %+v agree on %+v", wish, offer, got)
			}
		}
	}
	if answered < 1000 {
		t.Errorf("%d answers only", answered)
	}
}

func TestIsBrowsersOffer(t *testing.T) {
	for _, list := range []string{"permessage-deflate", "permessage-deflate; client_max_window_bits"} {
		if !pmd.IsBrowsersOffer([]byte(list)) {
			t.Errorf("%q is not what browsers send", list)
		}
		if _, fault := pmd.ParseOffer(option(t, list)); fault != nil {
			t.Errorf("%q: %v", list, fault)
		}
	}
	for _, list := range []string{"", "x", "permessage-deflate;", "permessage-deflate; client_max_window_bits, x"} {
		if pmd.IsBrowsersOffer([]byte(list)) {
			t.Errorf("%q is what browsers send", list)
		}
	}
}
