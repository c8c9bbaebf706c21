package checkedio_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/wirews/wirews/internal/checkedio"
	"github.com/wirews/wirews/internal/wstest"
)

// holds reports whether err is what a fault has to lead to.
func holds(f wstest.Fault, err error) bool {
	if f.Want != nil {
		return err == f.Want
	}
	_, ok := errors.AsType[*checkedio.CountError](err)
	return ok
}

func TestReadsThatBreakTheContract(t *testing.T) {
	reads := map[string]func(r io.Reader, p []byte) (int, error){
		"ReadSome":    checkedio.ReadSome,
		"ReadFull":    checkedio.ReadFull,
		"ReadAtLeast": func(r io.Reader, p []byte) (int, error) { return checkedio.ReadAtLeast(r, p, 1) },
		"Reader":      func(r io.Reader, p []byte) (int, error) { return checkedio.Reader{R: r}.Read(p) },
	}
	for name, read := range reads {
		for _, fault := range wstest.ReadFaults() {
			if n, err := read(&wstest.Faulty{OnRead: fault.Do}, make([]byte, 4, 8)); n != 0 || !holds(fault, err) {
				t.Errorf("%s, %s: %d, %v", name, fault.Name, n, err)
			}
		}
	}
	if n, err := checkedio.Read(&wstest.Faulty{OnRead: func([]byte) (int, error) { return 0, nil }}, make([]byte, 1)); n != 0 || err != nil {
		t.Errorf("one empty Read: %d, %v", n, err)
	}
	if n, err := checkedio.ReadSome(strings.NewReader("a"), nil); n != 0 || err != nil {
		t.Errorf("without room: %d, %v", n, err)
	}
}

func TestReadAtLeastIsThatOfIO(t *testing.T) {
	sources := map[string]func() io.Reader{
		"whole":         func() io.Reader { return strings.NewReader("Hello") },
		"byte by byte":  func() io.Reader { return iotest.OneByteReader(strings.NewReader("Hello")) },
		"data with EOF": func() io.Reader { return iotest.DataErrReader(strings.NewReader("Hello")) },
		"an error":      func() io.Reader { return iotest.ErrReader(wstest.ErrFault) },
		"a late error":  func() io.Reader { return io.MultiReader(strings.NewReader("He"), iotest.ErrReader(wstest.ErrFault)) },
		"empty":         func() io.Reader { return strings.NewReader("") },
	}
	for name, source := range sources {
		for size := range 8 {
			for least := range 9 {
				want, got := make([]byte, size), make([]byte, size)
				n, err := io.ReadAtLeast(source(), want, least)
				k, kerr := checkedio.ReadAtLeast(source(), got, least)
				if n != k || err != kerr || !bytes.Equal(got, want) {
					t.Errorf("%s, %d of %d bytes: %d, %v, want %d, %v", name, least, size, k, kerr, n, err)
				}
			}
		}
	}
}

func TestWritesThatBreakTheContract(t *testing.T) {
	writes := map[string]func(w io.Writer, p []byte) (int, error){
		"Write":       checkedio.Write,
		"WriteString": func(w io.Writer, p []byte) (int, error) { return checkedio.WriteString(w, string(p)) },
		"Writer":      func(w io.Writer, p []byte) (int, error) { return checkedio.Writer{W: w}.Write(p) },
	}
	for name, write := range writes {
		for _, fault := range wstest.WriteFaults() {
			if n, err := write(&wstest.Faulty{OnWrite: fault.Do}, []byte("Hello")); n < 0 || n > 5 || !holds(fault, err) {
				t.Errorf("%s, %s: %d, %v", name, fault.Name, n, err)
			}
		}
		if n, err := write(&wstest.Faulty{}, []byte("Hello")); n != 5 || err != nil {
			t.Errorf("%s: %d, %v", name, n, err)
		}
	}
}

func TestCountErrorNamesWhoHasBrokenWhat(t *testing.T) {
	_, err := checkedio.Read(&wstest.Faulty{OnRead: func([]byte) (int, error) { return -1, io.EOF }}, make([]byte, 3))
	want := "ws: Read of *wstest.Faulty has returned -1 for 3 bytes; io.Reader allows 0 to 3; the error with it: EOF"
	if err == nil || err.Error() != want || errors.Is(err, io.EOF) {
		t.Errorf("got %v, want %s, which is no EOF", err, want)
	}
	_, err = checkedio.Write(&wstest.Faulty{OnWrite: func([]byte) (int, error) { return 4, nil }}, []byte("abc"))
	want = "ws: Write of *wstest.Faulty has returned 4 for 3 bytes; io.Writer allows 0 to 3"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestNothingIsAllocated(t *testing.T) {
	r, p := strings.NewReader(strings.Repeat("x", 4<<10)), make([]byte, 4)
	if n := testing.AllocsPerRun(100, func() { checkedio.ReadFull(r, p); checkedio.Write(io.Discard, p) }); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}
