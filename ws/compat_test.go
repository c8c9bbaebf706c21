package ws_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/wirews/wirews/ws"
)

// W9: the compiled frames are those of a server. A server refuses them, and
// what a client sends instead passes.
func TestCompiledPingIsNoFrameOfAClient_W9(t *testing.T) {
	h, n, err := ws.ParseHeader(ws.CompiledPing)
	if err != nil || n != len(ws.CompiledPing) {
		t.Fatalf("got n=%d, error %v", n, err)
	}
	if got := ws.CheckHeader(h, ws.StateServerSide); got != ws.ErrProtocolMaskRequired {
		t.Errorf("as a server: got %v, want ErrProtocolMaskRequired", got)
	}
	if got := ws.CheckHeader(h, ws.StateClientSide); got != nil {
		t.Errorf("as a client: got %v", got)
	}

	wire := ws.AppendFrame(nil, ws.MaskFrame(ws.NewPingFrame([]byte("Hello"))))
	f, err := ws.ReadFrame(bytes.NewReader(wire))
	if err != nil {
		t.Fatal(err)
	}
	if got := ws.CheckHeader(f.Header, ws.StateServerSide); got != nil {
		t.Errorf("masked ping as a server: got %v", got)
	}
	if got := ws.UnmaskFrame(f).Payload; string(got) != "Hello" {
		t.Errorf("masked ping: got payload %q", got)
	}
}

// W9: the variables can be written to; nothing of the package reads them.
func TestNothingDependsOnTheCompiledFrames_W9(t *testing.T) {
	keep := bytes.Clone(ws.CompiledPing)
	defer copy(ws.CompiledPing, keep)
	clear(ws.CompiledPing)
	if got := ws.AppendFrame(nil, ws.NewPingFrame(nil)); !bytes.Equal(got, keep) {
		t.Errorf("a ping became %x", got)
	}
}

func TestCompiledFrames(t *testing.T) {
	for _, tt := range []struct {
		name string
		got  []byte
		want string
	}{
		{"CompiledPing", ws.CompiledPing, "8900"},
		{"CompiledPong", ws.CompiledPong, "8a00"},
		{"CompiledClose", ws.CompiledClose, "8800"},
		{"CompiledCloseNormalClosure", ws.CompiledCloseNormalClosure, "8802 03e8"},
		{"CompiledCloseGoingAway", ws.CompiledCloseGoingAway, "8802 03e9"},
		{"CompiledCloseProtocolError", ws.CompiledCloseProtocolError, "8802 03ea"},
		{"CompiledCloseUnsupportedData", ws.CompiledCloseUnsupportedData, "8802 03eb"},
		{"CompiledCloseNoMeaningYet", ws.CompiledCloseNoMeaningYet, "8802 03ec"},
		{"CompiledCloseInvalidFramePayloadData", ws.CompiledCloseInvalidFramePayloadData, "8802 03ef"},
		{"CompiledClosePolicyViolation", ws.CompiledClosePolicyViolation, "8802 03f0"},
		{"CompiledCloseMessageTooBig", ws.CompiledCloseMessageTooBig, "8802 03f1"},
		{"CompiledCloseMandatoryExt", ws.CompiledCloseMandatoryExt, "8802 03f2"},
		{"CompiledCloseInternalServerError", ws.CompiledCloseInternalServerError, "8802 03f3"},
		{"CompiledCloseTLSHandshake", ws.CompiledCloseTLSHandshake, "8802 03f7"},
	} {
		if !bytes.Equal(tt.got, unhex(tt.want)) {
			t.Errorf("%s: got %x, want %s", tt.name, tt.got, tt.want)
		}
	}
}

func TestStatusRangesAgreeWithTheMethods(t *testing.T) {
	for i := range 1 << 16 {
		s := ws.StatusCode(i)
		if s.In(ws.StatusRangeNotInUse) != s.IsNotUsed() ||
			s.In(ws.StatusRangeProtocol) != s.IsProtocolSpec() ||
			s.In(ws.StatusRangeApplication) != s.IsApplicationSpec() ||
			s.In(ws.StatusRangePrivate) != s.IsPrivateSpec() {
			t.Fatalf("%d: a range and its method disagree", i)
		}
	}
}

func TestCompileFrame(t *testing.T) {
	for _, tt := range frameVectors {
		f := ws.Frame{Header: tt.header, Payload: tt.wire[len(tt.wire)-int(tt.header.Length):]}
		got, err := ws.CompileFrame(f)
		if err != nil || !bytes.Equal(got, tt.wire) {
			t.Errorf("%s: got %.32x, error %v", tt.name, got, err)
		}
		if must := ws.MustCompileFrame(f); !bytes.Equal(must, tt.wire) {
			t.Errorf("%s: MustCompileFrame gives %.32x", tt.name, must)
		}
	}
}

// unencodable lists frames that must not reach the wire.
var unencodable = []struct {
	name string
	f    ws.Frame
	want error
}{
	{"W3: length -1", ws.Frame{Header: ws.Header{Length: -1}}, ws.ErrHeaderLengthUnexpected},
	{"W3: length -1<<63", ws.Frame{Header: ws.Header{Length: -1 << 63}}, ws.ErrHeaderLengthUnexpected},
	{"W4: Rsv 8", ws.Frame{Header: ws.Header{Rsv: 8}}, ws.ErrHeaderBitsUnexpected},
	{"W4: OpCode 0x11", ws.Frame{Header: ws.Header{OpCode: 0x11}}, ws.ErrHeaderBitsUnexpected},
	{"length over the payload", ws.Frame{Header: ws.Header{Length: 1}}, ws.ErrFrameLength},
	{"length under the payload", ws.Frame{Payload: []byte("x")}, ws.ErrFrameLength},
}

func TestCompileFrameRefuses(t *testing.T) {
	for _, tt := range unencodable {
		t.Run(tt.name, func(t *testing.T) {
			if b, err := ws.CompileFrame(tt.f); b != nil || !errors.Is(err, tt.want) {
				t.Errorf("got %x, error %v, want %v", b, err, tt.want)
			}
			defer func() {
				if got := recover(); got != tt.want {
					t.Errorf("MustCompileFrame: recovered %v, want %v", got, tt.want)
				}
			}()
			ws.MustCompileFrame(tt.f)
		})
	}
}

func TestMaskAndUnmaskFrames(t *testing.T) {
	masked := ws.Header{Fin: true, OpCode: ws.OpText, Masked: true, Mask: cipherKey, Length: 5}
	wire := unhex("7f 9f 4d 51 58")

	hello := []byte("Hello")
	f := ws.MaskFrameWith(ws.NewTextFrame(hello), cipherKey)
	if f.Header != masked || !bytes.Equal(f.Payload, wire) {
		t.Errorf("MaskFrameWith: got %+v, %x", f.Header, f.Payload)
	}
	if string(hello) != "Hello" {
		t.Errorf("MaskFrameWith changed the payload to %q", hello)
	}

	u := ws.UnmaskFrame(f)
	if u.Header != ws.NewTextFrame(hello).Header || string(u.Payload) != "Hello" {
		t.Errorf("UnmaskFrame: got %+v, %q", u.Header, u.Payload)
	}
	if !bytes.Equal(f.Payload, wire) {
		t.Errorf("UnmaskFrame changed the payload to %x", f.Payload)
	}

	in := ws.MaskFrameInPlaceWith(ws.NewTextFrame(hello), cipherKey)
	if in.Header != masked || !bytes.Equal(hello, wire) || &in.Payload[0] != &hello[0] {
		t.Errorf("MaskFrameInPlaceWith: got %+v, %x", in.Header, in.Payload)
	}
	out := ws.UnmaskFrameInPlace(in)
	if out.Header != u.Header || string(hello) != "Hello" || &out.Payload[0] != &hello[0] {
		t.Errorf("UnmaskFrameInPlace: got %+v, %q", out.Header, out.Payload)
	}

	for name, mask := range map[string]func(ws.Frame) ws.Frame{
		"MaskFrame": ws.MaskFrame, "MaskFrameInPlace": ws.MaskFrameInPlace,
	} {
		f := mask(ws.NewTextFrame([]byte("Hello")))
		if !f.Header.Masked || string(ws.UnmaskFrame(f).Payload) != "Hello" {
			t.Errorf("%s: got %+v, %x", name, f.Header, f.Payload)
		}
	}
}

func TestUnmaskLeavesAnUnmaskedFrameAsItIs(t *testing.T) {
	f := ws.NewTextFrame([]byte("Hello"))
	f.Header.Mask = cipherKey // left over, without meaning
	if got := ws.UnmaskFrame(f); string(got.Payload) != "Hello" || got.Header.Mask != ([4]byte{}) {
		t.Errorf("got %+v, %q", got.Header, got.Payload)
	}
}

func TestMustReadAndMustWrite(t *testing.T) {
	var wire bytes.Buffer
	ws.MustWriteFrame(&wire, ws.NewTextFrame([]byte("Hello")))
	if f := ws.MustReadFrame(&wire); string(f.Payload) != "Hello" {
		t.Errorf("got %q", f.Payload)
	}
	func() {
		defer func() {
			if got := recover(); got != io.EOF {
				t.Errorf("MustReadFrame: recovered %v, want io.EOF", got)
			}
		}()
		ws.MustReadFrame(&wire)
	}()
	defer func() {
		if got := recover(); got != ws.ErrFrameLength {
			t.Errorf("MustWriteFrame: recovered %v, want ErrFrameLength", got)
		}
	}()
	ws.MustWriteFrame(&wire, ws.Frame{Payload: []byte("x")})
}
