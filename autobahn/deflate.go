package autobahn

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
)

// maxInflated bounds a message after decompression: no case has one that is
// longer, so that an endpoint that sends one is judged wrong.
const maxInflated = 64 << 20

// maxLastBlocks bounds the blocks of a message that say they are the last one.
// Beginning anew after each takes much longer than the two bytes that it has.
const maxLastBlocks = 4096

// deflater compresses the messages that the fuzzer sends (RFC 7692, 7.2.1).
type deflater struct {
	bits       int // of the window, 8 to 15
	noTakeover bool
	out        bytes.Buffer
	w          *flate.Writer
}

func newDeflater(bits int, noTakeover bool) *deflater {
	d := &deflater{bits: bits, noTakeover: noTakeover}
	// What is judged is the peer, which has to inflate whatever comes: the fuzzer
	// need not spend its time on better compression.
	d.w, _ = flate.NewWriter(&d.out, flate.BestSpeed)
	return d
}

// compress returns the payload for the message p, valid until the next call.
func (d *deflater) compress(p []byte) []byte {
	d.out.Reset()
	if d.noTakeover || d.bits < maxBits {
		d.w.Reset(&d.out)
	}
	// compress/flate has no smaller window. Blocks of the window's size that
	// know nothing of each other have no distance that is longer.
	for len(p) > 1<<d.bits && d.bits < maxBits {
		d.w.Write(p[:1<<d.bits])
		d.w.Flush()
		d.w.Reset(&d.out)
		p = p[1<<d.bits:]
	}
	d.w.Write(p)
	d.w.Flush()
	return d.out.Bytes()[:d.out.Len()-4]
}

// inflater decompresses the messages of the peer (RFC 7692, 7.2.2).
type inflater struct {
	bits       int
	noTakeover bool
	r          io.ReadCloser
	dict       []byte // the last 32 KiB of what came before
	last       int    // length of the message before
}

func newInflater(bits int, noTakeover bool) *inflater {
	return &inflater{bits: bits, noTakeover: noTakeover, r: flate.NewReader(nil)}
}

// blockEnd is what the sender has removed, and a last block, at which
// compress/flate ends.
const blockEnd = "\x00\x00\xff\xff\x01\x00\x00\xff\xff"

var (
	errInflated = errors.New("autobahn: message is longer than 64 MiB when it is inflated")
	errBlocks   = fmt.Errorf("autobahn: message has more than %d last blocks", maxLastBlocks)
	errWindow   = errors.New("autobahn: message reaches back beyond the agreed window")
)

// decompress returns the message that has the payload p.
func (d *inflater) decompress(p []byte) ([]byte, error) {
	if d.noTakeover {
		d.dict = nil
	}
	p = append(p[:len(p):len(p)], blockEnd...)
	src := bytes.NewReader(p)
	var out bytes.Buffer
	out.Grow(d.last + bytes.MinRead) // most messages are as long as the one before
	for blocks := 0; src.Len() > 0; blocks++ {
		if blocks > maxLastBlocks {
			return nil, errBlocks
		}
		// A block that says it is the last one need not be (RFC 7692, 7.2.3.4),
		// and what follows it may refer to what came before.
		if err := d.r.(flate.Resetter).Reset(src, d.dictWith(out.Bytes())); err != nil {
			return nil, err
		}
		if _, err := io.Copy(&out, io.LimitReader(d.r, maxInflated+1-int64(out.Len()))); err != nil {
			return nil, fmt.Errorf("autobahn: message does not inflate: %w", err)
		}
		if out.Len() > maxInflated {
			return nil, errInflated
		}
	}
	if d.bits < maxBits {
		if far, err := farthest(p); err != nil {
			return nil, err
		} else if window := max(1<<d.bits, 512); far > window {
			// zlib has no window of 256 bytes and uses 512 instead.
			return nil, fmt.Errorf("%w: distance %d, window %d", errWindow, far, window)
		}
	}
	d.dict, d.last = bytes.Clone(d.dictWith(out.Bytes())), out.Len()
	return out.Bytes(), nil
}

// dictWith returns the last 32 KiB of what came before, with out after it.
func (d *inflater) dictWith(out []byte) []byte {
	const window = 1 << maxBits
	if len(out) >= window {
		return out[len(out)-window:]
	}
	all := append(d.dict[:len(d.dict):len(d.dict)], out...)
	return all[max(0, len(all)-window):]
}
