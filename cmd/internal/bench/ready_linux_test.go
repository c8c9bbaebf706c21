package bench

import (
	"testing"

	"golang.org/x/sys/unix"
)

func TestWhatIsReadyIsReported(t *testing.T) {
	for _, coarse := range []bool{false, true} { // as on an older kernel
		r, err := newReadiness()
		if err != nil {
			t.Fatal(err)
		}
		defer r.close()
		r.coarse = coarse
		pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(pair[0])
		defer unix.Close(pair[1])
		if err := r.watch(unix.EPOLL_CTL_ADD, pair[0], unix.EPOLLIN, 7); err != nil {
			t.Fatal(err)
		}
		for _, nanoseconds := range []int64{-1, 0, 1, 1500_000} {
			if got := r.wait(nanoseconds); len(got) != 0 {
				t.Errorf("coarse %v: %v while there is nothing", coarse, got)
			}
		}
		if n, e := rawSend(pair[1], []byte("Hello")); n != 5 || e != 0 {
			t.Fatalf("sent %d, %v", n, e)
		}
		if got := r.wait(tickTime); len(got) != 1 || got[0].Fd != 7 || got[0].Events != unix.EPOLLIN {
			t.Errorf("coarse %v: %v", coarse, got)
		}
		b := make([]byte, 8)
		if n, e := rawReceive(pair[0], b); string(b[:n]) != "Hello" || e != 0 {
			t.Errorf("received %q, %v", b[:n], e)
		}
		if n, e := rawReceive(pair[0], b); n != 0 || e != unix.EAGAIN {
			t.Errorf("received %d, %v from an empty socket", n, e)
		}
	}
}
