package wsflate_test

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"

	"github.com/gobwas/httphead"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsproto"
	"github.com/wirews/wirews/wsutil"
)

// field writes options as they stand in Sec-WebSocket-Extensions.
func field(opts ...httphead.Option) string {
	var b strings.Builder
	httphead.WriteOptions(&b, opts)
	return b.String()
}

// A server and a client agree on the extension in their handshake, and send a
// message each way.
func Example() {
	ours, theirs := net.Pipe()
	go func() {
		if err := serveEcho(theirs); err != nil {
			fmt.Println(err)
		}
	}()

	offers := wsflate.DefaultOffers()
	dialer := ws.Dialer{Extensions: offers.Options()}
	// This server says nothing before it is spoken to; of others, the reader has
	// what came right behind the handshake.
	_, hs, err := dialer.Upgrade(ours, &url.URL{Scheme: "ws", Host: "example.com"})
	if err != nil {
		fmt.Println(err)
		return
	}
	params, ok, err := offers.Accepted(hs.Extensions)
	if err != nil {
		ours.Close() // the answer fits none of the offers
		return
	}
	s := wsutil.NewStream(ours, ws.StateClientSide, 0)
	if ok {
		s.SetExtension(wsflate.New(ws.StateClientSide, params, nil))
	}
	s.WriteMessage(ws.OpText, []byte(strings.Repeat("Hello, ", 1000)))
	p, op, err := s.ReadMessage() // it writes first what waits
	fmt.Println(ok, len(p), op, err)
	ours.Close()
	// Output: true 7000 text <nil>
}

func serveEcho(conn net.Conn) error {
	ext := wsflate.Extension{}
	u := ws.Upgrader{Negotiate: ext.Negotiate}
	if _, err := u.Upgrade(conn); err != nil {
		return err
	}
	s := wsutil.NewStream(conn, ws.StateServerSide, 0)
	if params, ok := ext.Accepted(); ok {
		d := wsflate.New(ws.StateServerSide, params, nil)
		defer d.Close()
		s.SetExtension(d)
	}
	p, op, err := s.ReadMessage()
	if err != nil {
		return err
	}
	s.WriteMessage(op, p)
	return s.Flush()
}

// A server that has no room for large windows answers what a client offers. An
// Upgrader calls Negotiate for each offer, here that is done by hand.
func ExampleExtension() {
	ext := wsflate.Extension{Parameters: wsflate.Parameters{ServerMaxWindowBits: 12, ClientMaxWindowBits: 12}}

	offers, _ := httphead.ParseOptions([]byte("permessage-deflate; no_such_thing, permessage-deflate; client_max_window_bits"), nil)
	for _, offer := range offers {
		answer, err := ext.Negotiate(offer)
		fmt.Printf("%q %v\n", field(answer), err)
	}

	agreed, ok := ext.Accepted()
	fmt.Println(ok, agreed.ServerMaxWindowBits, agreed.ClientMaxWindowBits)
	// Output:
	// "" <nil>
	// "permessage-deflate;server_max_window_bits=12;client_max_window_bits=12" <nil>
	// true 12 12
}

// A client offers by preference, and looks at what became of it.
func ExampleOffers() {
	offers := wsflate.Offers{
		{ServerMaxWindowBits: 10}, // rather a small window
		{},                        // but any will do
	}
	dialer := ws.Dialer{Extensions: offers.Options()}
	fmt.Println(field(dialer.Extensions...))

	// What the handshake returns, if the server took the second one:
	hs := ws.Handshake{Extensions: []httphead.Option{wsflate.Parameters{ServerNoContextTakeover: true}.Option()}}
	agreed, ok, err := offers.Accepted(hs.Extensions)
	fmt.Println(ok, agreed.ServerNoContextTakeover, agreed.ServerMaxWindowBits, err)

	// A window that nobody asked for:
	_, _, err = wsflate.Offers{{}}.Accepted([]httphead.Option{wsflate.Parameters{ClientMaxWindowBits: 9}.Option()})
	fmt.Println(err == wsflate.ErrAnswer)
	// Output:
	// permessage-deflate;server_max_window_bits=10,permessage-deflate
	// true true 15 <nil>
	// true
}

func ExampleDefaultOffers() {
	fmt.Println(field(wsflate.DefaultOffers().Options()...))
	// Output: permessage-deflate;client_max_window_bits
}

func ExampleParameters_Parse() {
	offers, _ := httphead.ParseOptions([]byte("permessage-deflate; server_max_window_bits=10, permessage-deflate; server_max_window_bits=16"), nil)
	for _, offer := range offers {
		var p wsflate.Parameters
		err := p.Parse(offer)
		var wrong *wsflate.ParameterError
		fmt.Println(p.ServerMaxWindowBits, errors.As(err, &wrong), err)
	}
	// Output:
	// 10 false <nil>
	// 0 true wsflate: invalid parameter "server_max_window_bits" with value "16"
}

func ExampleParameters_Option() {
	p := wsflate.Parameters{ServerNoContextTakeover: true, ServerMaxWindowBits: 10}
	fmt.Println(field(p.Option()))
	// Output: permessage-deflate;server_no_context_takeover;server_max_window_bits=10
}

func ExampleWindowBits() {
	fmt.Println(wsflate.WindowBits(0).Defined(), wsflate.WindowBits(9).Defined(), wsflate.WindowBits(9).Bytes())
	// Output: false true 512
}

// A client that lets the server choose its window offers the parameter without
// a value. Without the parameter, a server that wants a small window declines.
func ExampleWindowBits_noValue() {
	for _, offer := range []wsflate.Parameters{{}, {ClientMaxWindowBits: wsflate.WindowBitsNoValue}} {
		server := wsflate.Extension{Parameters: wsflate.Parameters{ClientMaxWindowBits: 10}}
		answer, _ := server.Negotiate(offer.Option())
		fmt.Printf("%s is answered with %q\n", field(offer.Option()), field(answer))
	}
	// Output:
	// permessage-deflate is answered with ""
	// permessage-deflate;client_max_window_bits is answered with "permessage-deflate;client_max_window_bits=10"
}

// Both ends of a connection that has agreed on context takeover: the second
// message refers to the first.
func ExampleNew() {
	agreed := wsflate.Parameters{} // as Extension.Accepted and Offers.Accepted return them
	server := wsflate.New(ws.StateServerSide, agreed, nil)
	client := wsflate.New(ws.StateClientSide, agreed, nil)
	defer server.Close()
	defer client.Close()

	for range 2 {
		payload := server.Encoder().AppendMessage(nil, []byte("Hello"))
		message, err := client.Decoder().DecodeAppend(nil, payload)
		fmt.Printf("%x %s %v\n", payload, message, err)
	}
	// Output:
	// f248cdc9c90700 Hello <nil>
	// f200110000 Hello <nil>
}

// A Stream of package wsutil takes the extension.
func ExampleDeflate() {
	agreed := wsflate.DefaultParameters
	var wire bytes.Buffer

	server := wsutil.NewStream(&wire, ws.StateServerSide, 0)
	server.SetExtension(wsflate.New(ws.StateServerSide, agreed, nil))
	server.WriteMessage(ws.OpText, []byte(strings.Repeat("Hello, ", 1000)))
	server.Flush()
	fmt.Println(wire.Len() < 100)

	client := wsutil.NewStream(&wire, ws.StateClientSide, 0)
	client.SetExtension(wsflate.New(ws.StateClientSide, agreed, nil))
	p, op, err := client.ReadMessage()
	fmt.Println(len(p), op, err)
	// Output:
	// true
	// 7000 text <nil>
}

// An event loop encodes and decodes in pieces, as it has room and input.
func ExampleDeflate_Decode() {
	d := wsflate.New(ws.StateClientSide, wsflate.DefaultParameters, nil)
	decode, err := d.BeginDecode(ws.Rsv(true, false, false)) // of the first frame
	fmt.Println(decode, err)

	var room [3]byte
	for _, piece := range []string{"\xf2\x48\xcd", "\xc9\xc9\x07\x00"} {
		src, fin := []byte(piece), piece[0] == 0xc9
		for {
			out, n, err := d.Decode(room[:0], src, fin)
			fmt.Printf("%q %v\n", out, err)
			if src = src[n:]; len(src) == 0 && len(out) < len(room) {
				break // all is consumed, and there was room left
			}
		}
	}
	// Output:
	// true <nil>
	// "He" <nil>
	// "llo" <nil>
	// "" <nil>
}

// Secrets and what is compressed already are left as they are.
func ExampleEncoder() {
	d := wsflate.New(ws.StateServerSide, wsflate.DefaultParameters, &wsflate.Options{Threshold: 100})
	e := d.Encoder()
	fmt.Println(e.BeginEncode(ws.OpText, 99), e.BeginEncode(ws.OpText, 100))
	e.Skip = true
	fmt.Println(e.BeginEncode(ws.OpText, 100))
	// Output:
	// 0 4
	// 0
}

// A message that becomes too long, or is no message at all, ends the
// connection with the code that wsproto.CloseCode says.
func ExampleDecoder() {
	bomb := wsflate.New(ws.StateClientSide, wsflate.DefaultParameters, nil).Encoder().AppendMessage(nil, make([]byte, 10_000))
	for _, payload := range [][]byte{bomb, {0xff, 0xff}} {
		d := wsflate.New(ws.StateServerSide, wsflate.DefaultParameters, &wsflate.Options{MaxSize: 5000})
		_, err := d.Decoder().DecodeAppend(nil, payload)
		var corrupt *wsflate.CorruptError
		fmt.Println(err == wsflate.ErrTooLarge, errors.As(err, &corrupt), uint16(wsproto.CloseCode(err)))
	}
	// Output:
	// true false 1009
	// false true 1007
}

// One message to many clients is compressed once for those that have agreed on
// the same window without context takeover.
func ExamplePrepare() {
	message := wsflate.Prepare(ws.OpText, []byte(strings.Repeat("news, ", 1000)), nil)

	alone := wsflate.New(ws.StateServerSide, wsflate.DefaultParameters, nil)
	first, _ := message.Frame(alone)
	second, _ := message.Frame(wsflate.New(ws.StateServerSide, wsflate.DefaultParameters, nil))
	fmt.Println(len(first) < 100, &first[0] == &second[0])

	plain, _ := message.Frame(nil) // for a client without the extension
	fmt.Println(len(plain))

	_, ok := message.Frame(wsflate.New(ws.StateServerSide, wsflate.Parameters{}, nil))
	fmt.Println(ok)
	// Output:
	// true true
	// 6004
	// false
}

// AppendFrame serves connections with context takeover too: they compress for
// themselves.
func ExamplePrepared_AppendFrame() {
	message := wsflate.Prepare(ws.OpText, []byte(strings.Repeat("news, ", 1000)), nil)
	d := wsflate.New(ws.StateServerSide, wsflate.Parameters{}, nil)
	frame := message.AppendFrame(nil, d)
	again := message.AppendFrame(nil, d)
	fmt.Println(len(frame) < 100, len(again) < len(frame))
	// Output: true true
}

// When the memory for windows is used up, new connections do without.
func ExampleBudget() {
	budget := wsflate.NewBudget(64 << 10)
	var open []*wsflate.Deflate
	for range 3 {
		ext := wsflate.Extension{Budget: budget}
		ext.Negotiate(wsflate.Parameters{}.Option())
		agreed, _ := ext.Accepted()
		d := wsflate.New(ws.StateServerSide, agreed, &wsflate.Options{Budget: budget})
		open = append(open, d)
		fmt.Println("takeover:", !agreed.ServerNoContextTakeover, "used up:", budget.Used() >= 64<<10)
	}
	for _, d := range open {
		d.Close()
	}
	fmt.Println(budget.Used())
	// Output:
	// takeover: true used up: true
	// takeover: false used up: true
	// takeover: false used up: true
	// 0
}

// A program that handles frames itself.
func ExampleCompressFrame() {
	f, err := wsflate.CompressFrame(ws.NewTextFrame([]byte("Hello")))
	fmt.Printf("%x %v\n", f.Payload, err)

	compressed, err := wsflate.IsCompressed(f.Header)
	fmt.Println(compressed, err)

	f, err = wsflate.DecompressFrame(f)
	fmt.Printf("%s %d %v\n", f.Payload, f.Header.Length, err)
	// Output:
	// f248cdc9c90700 <nil>
	// true <nil>
	// Hello 5 <nil>
}

// A buffer that is used again spares an allocation for each frame.
func ExampleDecompressFrameBuffer() {
	var sent, received bytes.Buffer
	for _, text := range []string{"one", "two"} {
		sent.Reset()
		received.Reset()
		f, _ := wsflate.CompressFrameBuffer(&sent, ws.NewTextFrame([]byte(text)))
		f, err := wsflate.DecompressFrameBuffer(&received, f)
		fmt.Printf("%s %v\n", f.Payload, err)
	}
	// Output:
	// one <nil>
	// two <nil>
}

// Another DEFLATE, and a limit.
func ExampleHelper() {
	h := wsflate.Helper{
		Compressor: func(w io.Writer) wsflate.Compressor {
			f, _ := flate.NewWriter(w, flate.BestCompression)
			return f
		},
		Decompressor: func(r io.Reader) wsflate.Decompressor { return flate.NewReader(r) },
		MaxSize:      1000,
	}
	for _, n := range []int{1000, 1001} {
		p, _ := h.Compress(make([]byte, n))
		plain, err := h.Decompress(p)
		fmt.Println(len(plain), err)
	}
	// Output:
	// 1000 <nil>
	// 0 wsflate: message inflates beyond the limit; raise MaxSize of Options or Helper
}

func ExampleNewWriter() {
	d := wsflate.New(ws.StateServerSide, wsflate.DefaultParameters, nil)
	var payload bytes.Buffer
	w := wsflate.NewWriter(&payload, d.Encoder().Compressor)
	io.WriteString(w, "Hel")
	io.WriteString(w, "lo")
	err := w.Close()
	fmt.Printf("%x %v\n", payload.Bytes(), err)
	// Output: f248cdc9c90700 <nil>
}

func ExampleNewReader() {
	payload := strings.NewReader("\xf2\x48\xcd\xc9\xc9\x07\x00") // RFC 7692, 7.2.3.1
	d := wsflate.New(ws.StateClientSide, wsflate.DefaultParameters, nil)
	p, err := io.ReadAll(wsflate.NewReader(payload, d.Decoder().Decompressor))
	fmt.Printf("%s %v\n", p, err)

	// Any other DEFLATE will do, as long as messages do not share the context.
	payload.Seek(0, io.SeekStart)
	p, err = io.ReadAll(wsflate.NewReader(payload, func(r io.Reader) wsflate.Decompressor { return flate.NewReader(r) }))
	fmt.Printf("%s %v\n", p, err)
	// Output:
	// Hello <nil>
	// Hello <nil>
}

// Frames go by package wsutil, payload by a Writer and a Reader of this
// package; MessageState carries the bit between them.
func ExampleMessageState() {
	var wire bytes.Buffer
	d := wsflate.New(ws.StateServerSide, wsflate.DefaultParameters, nil)

	var sent wsflate.MessageState
	sent.SetCompressed(true)
	frames := wsutil.NewWriter(&wire, ws.StateServerSide|ws.StateExtended, ws.OpText)
	frames.SetExtensions(&sent)
	w := wsflate.NewWriter(frames, d.Encoder().Compressor)
	io.WriteString(w, "Hello")
	w.Close()
	frames.Flush()
	fmt.Printf("%x\n", wire.Bytes())

	var received wsflate.MessageState
	r := wsutil.Reader{
		Source:     &wire,
		State:      ws.StateClientSide | ws.StateExtended,
		Extensions: []wsutil.RecvExtension{&received},
	}
	if _, err := r.NextFrame(); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("compressed:", received.IsCompressed())
	p, err := io.ReadAll(wsflate.NewReader(&r, d.Decoder().Decompressor))
	fmt.Printf("%s %v\n", p, err)
	// Output:
	// c107f248cdc9c90700
	// compressed: true
	// Hello <nil>
}

func ExampleSetBit() {
	h, err := wsflate.SetBit(ws.Header{Fin: true, OpCode: ws.OpText, Length: 7})
	fmt.Println(h.Rsv, err)
	h, wasSet, err := wsflate.UnsetBit(h)
	fmt.Println(h.Rsv, wasSet, err)
	_, _, err = wsflate.UnsetBit(ws.Header{Fin: true, OpCode: ws.OpContinuation, Rsv: ws.Rsv(true, false, false)})
	fmt.Println(err)
	// Output:
	// 4 <nil>
	// 0 true <nil>
	// wsflate: compression bit is set where it must not be
}
