package wsflate

import (
	"errors"
	"testing"

	"github.com/gobwas/httphead"
)

// option parses an element of Sec-WebSocket-Extensions.
func option(t testing.TB, s string) httphead.Option {
	t.Helper()
	opts, ok := httphead.ParseOptions([]byte(s), nil)
	if !ok || len(opts) != 1 {
		t.Fatalf("%q is not one option", s)
	}
	return opts[0]
}

func TestParse(t *testing.T) {
	const name = "permessage-deflate"
	tests := []struct {
		in   string
		want Parameters
		bad  string // the reason
	}{
		{in: name},
		{in: name + "; server_no_context_takeover", want: Parameters{ServerNoContextTakeover: true}},
		{in: name + "; client_no_context_takeover", want: Parameters{ClientNoContextTakeover: true}},
		{in: name + "; client_max_window_bits", want: Parameters{ClientMaxWindowBits: WindowBitsNoValue}},
		{in: name + "; client_max_window_bits=8", want: Parameters{ClientMaxWindowBits: 8}},
		{in: name + `; client_max_window_bits="15"`, want: Parameters{ClientMaxWindowBits: 15}},
		{in: name + "; server_max_window_bits=10; client_max_window_bits=12", want: Parameters{ServerMaxWindowBits: 10, ClientMaxWindowBits: 12}},
		{in: name + "; server_max_window_bits", bad: "invalid"},
		{in: name + "; server_max_window_bits=7", bad: "invalid"},
		{in: name + "; server_max_window_bits=16", bad: "invalid"},
		{in: name + "; server_max_window_bits=08", bad: "invalid"},
		{in: name + "; server_max_window_bits=015", bad: "invalid"},
		{in: name + "; server_max_window_bits=10x", bad: "invalid"},
		{in: name + "; server_max_window_bits=18446744073709551624", bad: "invalid"},
		{in: name + "; client_max_window_bits=0", bad: "invalid"},
		{in: name + "; client_max_window_bits=1", bad: "invalid"},
		{in: name + "; server_no_context_takeover=true", bad: "invalid"},
		{in: name + "; client_no_context_takeover=0", bad: "invalid"},
		{in: name + "; client_max_window_bits; client_max_window_bits", bad: "repeated"},
		{in: name + "; client_max_window_bits; client_max_window_bits=10", bad: "repeated"},
		{in: name + "; server_max_window_bits=10; server_max_window_bits=10", bad: "repeated"},
		{in: name + "; server_no_context_takeover; server_no_context_takeover", bad: "repeated"},
		{in: name + "; client_no_context_takeover; client_no_context_takeover", bad: "repeated"},
		{in: name + "; mux", bad: "unknown"},
		{in: name + "; Server_No_Context_Takeover", bad: "unknown"},
	}
	for _, test := range tests {
		t.Run(test.in, func(t *testing.T) {
			p := Parameters{ServerMaxWindowBits: 9, ClientNoContextTakeover: true}
			err := p.Parse(option(t, test.in))
			var bad *ParameterError
			if errors.As(err, &bad) != (test.bad != "") || bad != nil && bad.Reason != test.bad {
				t.Fatalf("error %v, want %q", err, test.bad)
			}
			if p != test.want {
				t.Errorf("%+v, want %+v", p, test.want)
			}
		})
	}
}

func TestOptionIsWhatParseReads(t *testing.T) {
	for p := range allOffers() {
		var got Parameters
		if err := got.Parse(p.Option()); err != nil || got != p {
			t.Fatalf("%+v became %+v, %v", p, got, err)
		}
	}
}

func TestBitsThatDoNotExistPanic(t *testing.T) {
	for _, p := range []Parameters{{ServerMaxWindowBits: WindowBitsNoValue}, {ServerMaxWindowBits: 7}, {ClientMaxWindowBits: 16}, {ClientMaxWindowBits: 2}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%+v did not panic", p)
				}
			}()
			p.Option()
		}()
	}
}

func TestWindowBits(t *testing.T) {
	if WindowBits(0).Defined() || !WindowBitsNoValue.Defined() || !WindowBits(8).Defined() {
		t.Error("Defined is wrong")
	}
	if WindowBits(8).Bytes() != 256 || WindowBits(15).Bytes() != MaxLZ77WindowSize {
		t.Error("Bytes is wrong")
	}
}
