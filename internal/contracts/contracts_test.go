package contracts

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
)

// reading is something that reads from a connection.
type reading struct {
	name string
	in   []byte // what it reads whole, once
	// run reads until there is an error, and counts what it has read whole.
	run func(f *wstest.Faulty) (whole int, err error)
	// once says that run reads in once, and then returns a nil error.
	once bool
	// toEnd says that the end of the connection is the end of what is read.
	toEnd bool
}

// judge says what is wrong with the error that a fault has led to; nil if
// nothing is.
func judge(f wstest.Fault, err error) error {
	if f.Want == nil {
		if wrong, ok := errors.AsType[*ws.CountError](err); !ok || wrong.Count >= 0 && wrong.Count <= wrong.Len {
			return fmt.Errorf("got %v (%T), want a *ws.CountError", err, err)
		}
		return nil
	}
	if !errors.Is(err, f.Want) {
		return fmt.Errorf("got %v (%T), want %v", err, err, f.Want)
	}
	return nil
}

func testReading(t *testing.T, rows []reading) {
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			for _, fault := range wstest.ReadFaults() {
				for stop := 0; stop <= len(r.in); stop++ {
					if r.once && stop == len(r.in) {
						continue // it does not read on
					}
					whole, err := r.run(&wstest.Faulty{In: r.in, Stop: stop, OnRead: fault.Do})
					if bad := judge(fault, err); bad != nil {
						t.Fatalf("%s after %d of %d bytes: %v", fault.Name, stop, len(r.in), bad)
					}
					if want := whole == 1; want != (stop == len(r.in) && !r.toEnd) {
						t.Fatalf("%s after %d of %d bytes: %d were read whole", fault.Name, stop, len(r.in), whole)
					}
				}
			}
			// An error that comes together with the last bytes: they count first.
			for _, last := range []error{io.EOF, wstest.ErrFault} {
				if r.toEnd && last != io.EOF {
					continue
				}
				want := last
				if r.once || r.toEnd {
					want = nil
				}
				whole, err := r.run(&wstest.Faulty{In: r.in, Stop: len(r.in), Last: last})
				if whole != 1 || !errors.Is(err, want) || want == nil && err != nil {
					t.Errorf("all and %v: %d were read whole, %v, want %v", last, whole, err, want)
				}
			}
		})
	}
}

// writing is something that writes to a connection.
type writing struct {
	name string
	in   []byte // what can be read meanwhile
	run  func(f *wstest.Faulty) error
}

func testWriting(t *testing.T, rows []writing) {
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			good := &wstest.Faulty{In: r.in, Stop: len(r.in)}
			if err := r.run(good); err != nil || good.Writes == 0 {
				t.Fatalf("without a fault: %v, %d writes", err, good.Writes)
			}
			for _, fault := range wstest.WriteFaults() {
				for take := range good.Writes {
					f := &wstest.Faulty{In: r.in, Stop: len(r.in), Take: take, OnWrite: fault.Do}
					if bad := judge(fault, r.run(f)); bad != nil {
						t.Errorf("%s after %d of %d writes: %v", fault.Name, take, good.Writes, bad)
					}
				}
			}
		})
	}
}

// each calls f until it returns an error, and counts its successes.
func each(f func() error) (n int, err error) {
	for ; ; n++ {
		if err = f(); err != nil {
			return n, err
		}
	}
}

// must makes an error of what a function with Must in its name panics with.
func must(f func()) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = p.(error)
			if _, ours := err.(interface{ RuntimeError() }); ours {
				panic(p)
			}
		}
	}()
	f()
	return nil
}

var background = context.Background()

// inBubble calls f with a clock of its own, and lets that run until those who
// wait for it, such as whoever writes what was held back, have ended.
func inBubble(t *testing.T, f func(t *testing.T)) {
	synctest.Test(t, func(t *testing.T) {
		f(t)
		time.Sleep(time.Minute)
	})
}

// masked returns a frame of a client, plain one of a server.
func masked(op ws.OpCode, fin bool, p string) []byte {
	f := ws.MaskFrameWith(ws.NewFrame(op, fin, []byte(p)), [4]byte{0x37, 0xfa, 0x21, 0x3d})
	return ws.AppendFrame(nil, f)
}

func plain(op ws.OpCode, fin bool, p string) []byte {
	return ws.AppendFrame(nil, ws.NewFrame(op, fin, []byte(p)))
}

func join(frames ...[]byte) (all []byte) {
	for _, f := range frames {
		all = append(all, f...)
	}
	return all
}
