package regress_test

import (
	"bytes"
	"cmp"
	"compress/flate"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/gobwas/httphead"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
)

// hello are the messages "Hello" and, with context takeover, "Hello" once more
// (RFC 7692, sections 7.2.3.1 and 7.2.3.2).
const (
	hello      = "\xf2\x48\xcd\xc9\xc9\x07\x00"
	helloAgain = "\xf2\x00\x11\x00\x00"
)

// offering does the handshake of a server that wishes for want with a client
// that makes these offers.
func offering(lib library, want wsflate.Parameters, offers string) (status, answer string, agreed wsflate.Parameters) {
	x := lib.Extension(want)
	p := says(request("Sec-WebSocket-Extensions: " + offers + "\r\n"))
	lib.Upgrade(ws.Upgrader{Negotiate: x.Negotiate}, p)
	agreed, _ = x.Accepted()
	_, answer, _ = strings.Cut(p.line("Sec-WebSocket-Extensions:"), ": ")
	return p.status(), answer, agreed
}

// answered wants the answer to offers to be one of those.
func answered(want wsflate.Parameters, offers string, right ...string) func(library) (bool, string) {
	return func(lib library) (bool, string) {
		status, answer, _ := offering(lib, want, offers)
		for _, r := range right {
			if status == "101" && answer == r {
				return true, answer
			}
		}
		return false, fmt.Sprintf("status %s, answer %q", status, answer)
	}
}

func TestDeflateNegotiation(t *testing.T) {
	const name = "permessage-deflate"
	checkLines(t, []line{
		{id: "F4", what: "the server's window is never larger than offered",
			run: answered(wsflate.Parameters{ServerMaxWindowBits: 15}, name+"; server_max_window_bits=12", name+"; server_max_window_bits=12")},
		{id: "F5", what: "client_max_window_bits without a value lets the server choose",
			run: answered(wsflate.Parameters{ClientMaxWindowBits: 10}, name+"; client_max_window_bits", name+"; client_max_window_bits=10")},
		{id: "F6", what: "a server without wishes does without takeover if it is to",
			run: answered(wsflate.Parameters{}, name+"; server_no_context_takeover", name+"; server_no_context_takeover")},
		{id: "F6", what: "a server without wishes takes a smaller window if it is to",
			run: answered(wsflate.Parameters{}, name+"; server_max_window_bits=10", name+"; server_max_window_bits=10")},
		{id: "F7", what: "an offer with an unknown parameter is declined, and the next one taken",
			run: answered(wsflate.Parameters{}, name+"; unheard_of, "+name, name)},
		{id: "F7", what: "an offer with an invalid window is declined, and the next one taken",
			run: answered(wsflate.Parameters{}, name+"; server_max_window_bits=16, "+name, name)},
		{id: "F8", what: "Accepted returns what was agreed on", run: func(lib library) (bool, string) {
			_, _, agreed := offering(lib, wsflate.DefaultParameters, name)
			return agreed.ServerNoContextTakeover && agreed.ClientNoContextTakeover, fmt.Sprintf("%+v", agreed)
		}},
		{id: "F8", what: "Accepted returns windows that exist", run: func(lib library) (bool, string) {
			_, _, agreed := offering(lib, wsflate.Parameters{}, name+"; client_max_window_bits")
			return agreed.ClientMaxWindowBits == 15, fmt.Sprintf("%+v", agreed)
		}},
		{id: "F9", what: "a parameter is there once",
			run: parameters(false, "client_max_window_bits; client_max_window_bits")},
		{id: "F9", what: "a number begins with no zero",
			run: parameters(false, "server_max_window_bits=015")},
	})
}

// parameters wants these parameters to be valid or not.
func parameters(valid bool, s string) func(library) (bool, string) {
	return func(lib library) (bool, string) {
		opts, ok := httphead.ParseOptions([]byte("permessage-deflate; "+s), nil)
		if !ok {
			return false, "httphead cannot parse it"
		}
		p, err := lib.ParseParameters(opts[0])
		return (err == nil) == valid, fmt.Sprintf("%+v, error %v", p, err)
	}
}

func TestDeflateHelper(t *testing.T) {
	checkLines(t, []line{
		{id: "F1", mended: true, what: "a message ends with the flush, and closes no stream", run: func(lib library) (bool, string) {
			f, err := lib.CompressFrame(ws.NewTextFrame([]byte("Hello")))
			return string(f.Payload) == hello, fmt.Sprintf("%x, error %v", f.Payload, err)
		}},
		{id: "F3", what: "64 MiB out of 64 KiB are an error that carries 1009", run: func(lib library) (bool, string) {
			bomb := strings.Repeat(deflated(make([]byte, 1<<20)), 64)
			f, err := lib.DecompressFrame(deflatedText(strings.TrimSuffix(bomb, tail)))
			return lib.CloseCode(err) == 1009, fmt.Sprintf("%d bytes, error %v", len(f.Payload), err)
		}},
		{id: "F13", what: "what stands behind a last block is inflated, or an error", run: func(lib library) (bool, string) {
			const last = "\xf3\x48\xcd\xc9\xc9\x07\x00" // RFC 7692, 7.2.3.4
			f, err := lib.DecompressFrame(deflatedText(last + hello))
			return err != nil || string(f.Payload) == "HelloHello", fmt.Sprintf("%q, error %v", f.Payload, err)
		}},
		{id: "F15", what: "the fragments of a compressed message are one message", run: func(lib library) (bool, string) {
			first := fromClient(ws.OpText, false, hello[:3])
			first = string([]byte{first[0] | 0x40}) + first[1:]
			got, err := lib.ReceiveDeflated(says(first + fromClient(ws.OpContinuation, false, hello[3:5]) + fromClient(ws.OpContinuation, true, hello[5:])))
			return string(got) == "Hello" && err == nil, fmt.Sprintf("%q, error %v", got, err)
		}},
		{id: "F16", what: "a message can be compressed and sent in fragments", run: func(lib library) (bool, string) {
			var b bytes.Buffer
			err := lib.SendDeflated(&b, "Hel", "lo")
			return joins(b.Bytes()) == "Hello", fmt.Sprintf("error %v, sent %x", err, b.Bytes())
		}},
		{id: "#190", what: "what is received does not change what is being sent", run: func(lib library) (bool, string) {
			p := says(fromClient(ws.OpText, true, "not compressed"))
			err := lib.BothWays(p, "Hello")
			return joins(p.wrote.Bytes()) == "Hello", fmt.Sprintf("error %v, sent %x", err, p.wrote.Bytes())
		}},
	})
}

// deflatedText returns a frame with a compressed payload.
func deflatedText(payload string) ws.Frame {
	f := ws.NewTextFrame([]byte(payload))
	f.Header.Rsv = ws.Rsv(true, false, false)
	return f
}

// tail ends a flush, and is not sent (RFC 7692, section 7.2.1).
const tail = "\x00\x00\xff\xff"

// deflated returns p compressed by the standard library, with the tail, so that
// more can follow.
func deflated(p []byte) string {
	var b strings.Builder
	w, _ := flate.NewWriter(&b, flate.BestCompression)
	w.Write(p)
	w.Flush()
	return b.String()
}

// joins returns the one compressed message that is in b, inflated by the
// standard library, or what is wrong with it.
func joins(b []byte) string {
	var payload bytes.Buffer
	for i, f := range frames(b) {
		if (f.Header.Rsv == 4) != (i == 0) || (f.Header.OpCode == ws.OpContinuation) == (i == 0) {
			return fmt.Sprintf("frame %d: %+v", i, f.Header)
		}
		payload.Write(f.Payload)
	}
	payload.WriteString("\x00\x00\xff\xff\x01\x00\x00\xff\xff")
	p, err := io.ReadAll(flate.NewReader(&payload))
	if err != nil {
		return err.Error()
	}
	return string(p)
}

func TestDeflateHelperMemory(t *testing.T) {
	if raceEnabled {
		t.Skip("pools lose things on purpose under the race detector")
	}
	checkLines(t, []line{
		{id: "F2", what: "five bytes are not compressed with a fresh compressor", run: func(lib library) (bool, string) {
			return frugal(func() error { return lib.CompressTo(io.Discard, []byte("Hello")) })
		}},
		{id: "F2", what: "five bytes are not inflated with a fresh inflater", run: func(lib library) (bool, string) {
			return frugal(func() error { return lib.DecompressTo(io.Discard, []byte(hello)) })
		}},
	})
}

// frugal reports whether do allocates less than 4 KiB. It is done often, so
// that a collection, which empties pools, does not decide.
func frugal(do func() error) (bool, string) {
	const times = 200
	var before, after runtime.MemStats
	err := do()
	runtime.ReadMemStats(&before)
	for range times {
		err = cmp.Or(err, do())
	}
	runtime.ReadMemStats(&after)
	n := (after.TotalAlloc - before.TotalAlloc) / times
	return err == nil && n < 4<<10, fmt.Sprintf("%d bytes each, error %v", n, err)
}

func TestDeflateContext(t *testing.T) {
	random := make([]byte, 20_000)
	rand.NewChaCha8([32]byte{}).Read(random)
	twice := bytes.Repeat(random, 2)
	checkLines(t, []line{
		{id: "F10", what: "with windows of 512 bytes nothing refers to 20,000 bytes before", run: func(lib library) (bool, string) {
			agreed := wsflate.DefaultParameters
			agreed.ServerMaxWindowBits = 9
			compress, _ := lib.Agreed(agreed)
			n := len(compress(twice))
			return n >= len(twice), fmt.Sprintf("%d random bytes, twice, are %d", len(random), n)
		}},
		{id: "F11", what: "a message that refers to the one before is inflated", run: func(lib library) (bool, string) {
			_, decompress := lib.Agreed(wsflate.Parameters{})
			first, err := decompress([]byte(hello))
			if err != nil {
				return false, err.Error()
			}
			second, err := decompress([]byte(helloAgain))
			return string(first)+string(second) == "HelloHello" && err == nil, fmt.Sprintf("%q, error %v", second, err)
		}},
		{id: "F11", what: "a message refers to the one before", run: func(lib library) (bool, string) {
			compress, _ := lib.Agreed(wsflate.Parameters{})
			first, second := len(compress(random[:200])), len(compress(random[:200]))
			return second < 20, fmt.Sprintf("%d bytes, then %d", first, second)
		}},
	})
}

func TestDeflateReaders(t *testing.T) {
	checkLines(t, []line{
		{id: "F12", what: "a message without its last byte is the same from every kind of source", run: func(lib library) (bool, string) {
			cut := hello[:len(hello)-1]
			p, perr := io.ReadAll(lib.FlateReader(says(cut)))
			b, berr := io.ReadAll(lib.FlateReader(strings.NewReader(cut)))
			return string(p) == string(b) && (perr == nil) == (berr == nil),
				fmt.Sprintf("an io.Reader %q, error %v; an io.ByteReader %q, error %v", p, perr, b, berr)
		}},
		{id: "F14", what: "Err returns the error of Read", run: func(lib library) (bool, string) {
			r := lib.FlateReader(says("\xff\xff"))
			_, err := r.Read(make([]byte, 10))
			return err != nil && r.Err() == err, fmt.Sprintf("Read %v, Err %v", err, r.Err())
		}},
	})
}
