package growread_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"testing"
	"testing/iotest"

	"github.com/wirews/wirews/internal/checkedio"
	"github.com/wirews/wirews/internal/growread"
	"github.com/wirews/wirews/internal/wstest"
)

func TestReadAppendReadsExactly(t *testing.T) {
	data := bytes.Repeat([]byte("0123456789"), 1000)
	for _, n := range []int{0, 1, 9, 10, 11, 100, 9999, 10000} {
		for _, first := range []int{1, 10, 20000} {
			for _, r := range []io.Reader{bytes.NewReader(data), iotest.OneByteReader(bytes.NewReader(data)), iotest.DataErrReader(bytes.NewReader(data))} {
				got, err := growread.ReadAppend([]byte("head"), r, int64(n), first)
				if err != nil || string(got) != "head"+string(data[:n]) {
					t.Fatalf("n=%d first=%d: %d bytes, %v", n, first, len(got), err)
				}
			}
		}
	}
}

func TestReadAppendKeepsTheBufferThatFits(t *testing.T) {
	buf := make([]byte, 2, 12)
	got, err := growread.ReadAppend(buf, bytes.NewReader(make([]byte, 100)), 10, 1)
	if err != nil || &got[0] != &buf[0] {
		t.Errorf("moved to another buffer: %v", err)
	}
}

func TestReadAppendErrors(t *testing.T) {
	broken := errors.New("broken")
	for _, tc := range []struct {
		r    io.Reader
		want error
	}{
		{bytes.NewReader(nil), io.ErrUnexpectedEOF},
		{bytes.NewReader([]byte("abc")), io.ErrUnexpectedEOF},
		{iotest.ErrReader(broken), broken},
	} {
		if _, err := growread.ReadAppend(nil, tc.r, 4, 100); err != tc.want {
			t.Errorf("%v, want %v", err, tc.want)
		}
	}
}

func TestReadAppendRefusesMoreThanCanBeAddressed(t *testing.T) {
	if _, err := growread.ReadAppend(make([]byte, 1), nil, math.MaxInt64, 100); err != growread.ErrTooLarge {
		t.Error(err)
	}
}

func TestReadAppendHoldsAtMostTwiceWhatArrived(t *testing.T) {
	for _, sent := range []int{0, 10, 1 << 10, 100 << 10, 1 << 20} {
		got, _ := growread.ReadAppend(nil, bytes.NewReader(make([]byte, sent)), 1<<30, growread.First)
		// append rounds up to a size class: an eighth at most.
		if limit := (2*sent + growread.First) * 9 / 8; cap(got) > limit {
			t.Errorf("%d bytes arrived, %d are held", sent, cap(got))
		}
	}
}

func TestReadAppendSomeReadsWhatIsThere(t *testing.T) {
	r := iotest.HalfReader(bytes.NewReader([]byte("0123456789")))
	got := []byte("head")
	for _, want := range []string{"head01234", "head01234567", "head012345678"} {
		var err error
		if got, err = growread.ReadAppendSome(got, r, int64(14-len(got)), 100); err != nil || string(got) != want {
			t.Fatalf("%q, %v; want %q", got, err, want)
		}
	}
	if _, err := growread.ReadAppendSome(nil, bytes.NewReader(nil), 1, 100); err != io.ErrUnexpectedEOF {
		t.Errorf("%v, want io.ErrUnexpectedEOF", err)
	}
	if _, err := growread.ReadAppendSome(make([]byte, 1), nil, math.MaxInt64, 100); err != growread.ErrTooLarge {
		t.Error(err)
	}
}

func TestAReaderThatBreaksItsContractEndsIt(t *testing.T) {
	for _, fault := range wstest.ReadFaults() {
		for stop := range 10 {
			conn := func() *wstest.Faulty {
				return &wstest.Faulty{In: []byte("0123456789"), Stop: stop, OnRead: fault.Do}
			}
			got, err := growread.ReadAppend(nil, conn(), 10, 4)
			if string(got) != "0123456789"[:stop] || !ended(fault, err) {
				t.Errorf("%s after %d bytes: %q, %v", fault.Name, stop, got, err)
			}
			if got, err = growread.ReadAppendSome(nil, conn(), 10, 4); stop == 0 && (len(got) > 0 || !ended(fault, err)) {
				t.Errorf("ReadAppendSome, %s: %q, %v", fault.Name, got, err)
			}
		}
	}
}

func ended(f wstest.Fault, err error) bool {
	if f.Want != nil {
		return err == f.Want
	}
	_, ok := errors.AsType[*checkedio.CountError](err)
	return ok
}
