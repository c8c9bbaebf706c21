package wsproto

import "github.com/wirews/wirews/ws"

// Piece is a part of the payload of one frame: as much of it as had arrived.
type Piece struct {
	Header ws.Header // of the frame
	Offset int64     // of Payload in the frame's payload, in bytes
	// Payload is unmasked. It aliases the received bytes and is valid until
	// they are used again. It is empty only in a frame without payload.
	Payload []byte
}

// Remaining returns how many bytes of the frame's payload follow this piece.
func (p Piece) Remaining() int64 { return p.Header.Length - p.Offset - int64(len(p.Payload)) }

// FrameReader cuts received bytes into frames and hands on their payload as
// it arrives (RFC 6455, section 5.2). It checks nothing but what ParseHeader
// does; [Receiver] applies the rules. It never allocates and keeps no byte but
// those of a header that has not arrived completely. The zero value is ready.
// It must not be used by two goroutines at once.
type FrameReader struct {
	header ws.Header
	left   int64 // payload of the current frame that has not been handed on
	open   bool  // header is valid and its payload is not finished
	have   uint8 // bytes in head
	head   [ws.MaxHeaderSize]byte
}

// Next takes the received bytes b, from where the call before has stopped. It
// returns the next piece and how many bytes of b it has consumed; the payload
// among them is unmasked in place, so that they must not be given again. It
// may consume bytes and return [ws.ErrShort], when they do not make a piece
// yet. Other errors are those of [ws.ParseHeader]; there is no way to go on
// after one.
func (r *FrameReader) Next(b []byte) (p Piece, n int, err error) {
	if !r.open {
		if n, err = r.nextHeader(b); err != nil {
			return Piece{}, n, err
		}
	}
	if r.left > 0 && n == len(b) {
		return Piece{}, n, ws.ErrShort
	}
	p = Piece{Header: r.header, Offset: r.header.Length - r.left, Payload: r.available(b[n:])}
	r.unmask(p.Payload)
	r.consume(len(p.Payload))
	return p, n + len(p.Payload), nil
}

// Inside reports whether a frame has begun and not ended.
func (r *FrameReader) Inside() bool { return r.open || r.have > 0 }

// nextHeader consumes the header of the next frame, or what has come of it
// with ws.ErrShort.
func (r *FrameReader) nextHeader(b []byte) (n int, err error) {
	if r.have == 0 {
		if n, err = r.header.Parse(b); err == nil {
			r.left, r.open = r.header.Length, true
			return n, nil
		}
		if err != ws.ErrShort {
			return 0, err
		}
	}
	return r.collectHeader(b)
}

// collectHeader is nextHeader for a header that comes in parts.
func (r *FrameReader) collectHeader(b []byte) (n int, err error) {
	for {
		var need int
		need, err = r.header.Parse(r.head[:r.have])
		if err == nil {
			r.have, r.left, r.open = 0, r.header.Length, true
			return n, nil
		}
		if err != ws.ErrShort || n == len(b) {
			return n, err
		}
		k := copy(r.head[r.have:need], b[n:])
		r.have += uint8(k)
		n += k
	}
}

// available returns the part of b that belongs to the current frame.
func (r *FrameReader) available(b []byte) []byte {
	if int64(len(b)) > r.left {
		b = b[:r.left]
	}
	return b[:len(b):len(b)]
}

// unmask unmasks the next bytes of the payload, or masks them again.
func (r *FrameReader) unmask(p []byte) {
	if r.header.Masked {
		ws.Cipher(p, r.header.Mask, int((r.header.Length-r.left)&3))
	}
}

// consume moves on by n bytes of payload.
func (r *FrameReader) consume(n int) {
	r.left -= int64(n)
	r.open = r.left > 0
}
