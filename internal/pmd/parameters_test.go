package pmd_test

import (
	"fmt"
	"iter"
	"testing"

	"github.com/gobwas/httphead"

	"github.com/wirews/wirews/internal/pmd"
)

// option parses an element of Sec-WebSocket-Extensions.
func option(t testing.TB, s string) *httphead.Option {
	t.Helper()
	opts, ok := httphead.ParseOptions([]byte(s), nil)
	if !ok || len(opts) != 1 {
		t.Fatalf("%q is not one option", s)
	}
	return &opts[0]
}

func flags(server, client bool) pmd.Parameters {
	return pmd.Parameters{ServerNoContextTakeover: server, ClientNoContextTakeover: client}
}

func windows(server, client pmd.Bits) pmd.Parameters {
	return pmd.Parameters{ServerMaxWindowBits: server, ClientMaxWindowBits: client}
}

func TestParseOffer(t *testing.T) {
	tests := []struct {
		in   string
		want pmd.Parameters
		bad  string // the reason
	}{
		{in: ""},
		{in: "; server_no_context_takeover", want: flags(true, false)},
		{in: "; client_no_context_takeover", want: flags(false, true)},
		{in: "; client_max_window_bits", want: windows(0, pmd.NoValue)},
		{in: `; client_max_window_bits="15"`, want: windows(0, 15)},
		{in: "; server_max_window_bits=10; client_max_window_bits=12", want: windows(10, 12)},
		{in: "; server_max_window_bits", bad: "invalid"},
		{in: "; server_no_context_takeover=true", bad: "invalid"},
		{in: "; client_no_context_takeover=0", bad: "invalid"},
		{in: "; client_max_window_bits; client_max_window_bits", bad: "repeated"},
		{in: "; client_max_window_bits; client_max_window_bits=10", bad: "repeated"},
		{in: "; server_max_window_bits=10; server_max_window_bits=10", bad: "repeated"},
		{in: "; server_no_context_takeover; server_no_context_takeover", bad: "repeated"},
		{in: "; client_no_context_takeover; client_no_context_takeover", bad: "repeated"},
		{in: "; server_max_window_bits=10; mux=1", bad: "unknown"},
		{in: "; Server_No_Context_Takeover", bad: "unknown"},
	}
	for _, test := range tests {
		got, fault := pmd.ParseOffer(option(t, pmd.Name+test.in))
		if (fault != nil) != (test.bad != "") || fault != nil && fault.Reason != test.bad {
			t.Errorf("%q: fault %v, want %q", test.in, fault, test.bad)
		}
		if got != test.want {
			t.Errorf("%q: %+v, want %+v", test.in, got, test.want)
		}
	}
}

// TestWindowBits: 7.1.2: "a decimal integer value without leading zeroes
// between 8 to 15".
func TestWindowBits(t *testing.T) {
	valid := map[string]pmd.Bits{"8": 8, "9": 9, "10": 10, "11": 11, "12": 12, "13": 13, "14": 14, "15": 15}
	values := []string{"-8", "+8", "08", "015", "10x", "8.", "1e1", "0x9", "18446744073709551624"}
	for n := range 300 {
		values = append(values, fmt.Sprint(n))
	}
	for _, v := range values {
		for _, name := range []string{"server_max_window_bits", "client_max_window_bits"} {
			var opt httphead.Option
			opt.Parameters.Set([]byte(name), []byte(v))
			p, fault := pmd.ParseOffer(&opt)
			want, ok := valid[v]
			if (fault == nil) != ok || max(p.ServerMaxWindowBits, p.ClientMaxWindowBits) != want {
				t.Errorf("%s=%s: %+v, %v", name, v, p, fault)
			}
			if fault != nil && *fault != (pmd.Fault{Name: name, Value: v, Reason: "invalid"}) {
				t.Errorf("%s=%s: %+v", name, v, *fault)
			}
		}
	}
}

func TestParseAnswer(t *testing.T) {
	if p, fault := pmd.ParseAnswer(option(t, pmd.Name+"; client_max_window_bits=9")); fault != nil || p != windows(0, 9) {
		t.Errorf("%+v, %v", p, fault)
	}
	for _, in := range []string{"; client_max_window_bits", "; mux", "; server_no_context_takeover; client_max_window_bits"} {
		if p, fault := pmd.ParseAnswer(option(t, pmd.Name+in)); fault == nil || p != (pmd.Parameters{}) {
			t.Errorf("%q: %+v, %v", in, p, fault)
		}
	}
}

// combinations yields parameters with every flag, all windows for the server
// and those given for the client.
func combinations(client ...pmd.Bits) iter.Seq[pmd.Parameters] {
	return func(yield func(pmd.Parameters) bool) {
		for bits := range 4 {
			for _, s := range []pmd.Bits{0, 8, 9, 12, 15} {
				for _, c := range client {
					if !yield(pmd.Parameters{ServerNoContextTakeover: bits&1 != 0, ClientNoContextTakeover: bits&2 != 0, ServerMaxWindowBits: s, ClientMaxWindowBits: c}) {
						return
					}
				}
			}
		}
	}
}

func TestOptionIsWhatParseOfferReads(t *testing.T) {
	for p := range combinations(0, pmd.NoValue, 8, 9, 10, 15) {
		opt := p.Option()
		if got, fault := pmd.ParseOffer(&opt); fault != nil || got != p || string(opt.Name) != pmd.Name {
			t.Fatalf("%+v became %+v, %v", p, got, fault)
		}
	}
}

func TestValid(t *testing.T) {
	for server := range 256 {
		for client := range 256 {
			s := server == 0 || 8 <= server && server <= 15
			c := client <= 1 || 8 <= client && client <= 15
			if windows(pmd.Bits(server), pmd.Bits(client)).Valid() != (s && c) {
				t.Fatalf("server %d, client %d", server, client)
			}
		}
	}
}
