//go:build linux

package hangup_test

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wirews/wirews/internal/hangup"
	"github.com/wirews/wirews/internal/wstest"
)

type told chan bool

func (t told) HungUp() { t <- true }

var transports = map[string]func(t *testing.T) net.Listener{
	"tcp": func(t *testing.T) net.Listener { return listen(t, "tcp", "127.0.0.1:0") },
	"unix": func(t *testing.T) net.Listener {
		return listen(t, "unix", filepath.Join(t.TempDir(), "s"))
	},
}

func listen(t *testing.T, network, addr string) net.Listener {
	t.Helper()
	l, err := net.Listen(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func pair(t *testing.T, l net.Listener) (peer, watched net.Conn) {
	t.Helper()
	defer l.Close()
	peer, err := net.Dial(l.Addr().Network(), l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if watched, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { peer.Close(); watched.Close() })
	return peer, watched
}

func control(t *testing.T, c net.Conn, f func(fd uintptr)) {
	t.Helper()
	raw, err := c.(syscall.Conn).SyscallConn()
	if err == nil {
		err = raw.Control(f)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func begin(t *testing.T, c net.Conn) (w hangup.Watch, l told) {
	t.Helper()
	l = make(told, 2)
	control(t, c, func(fd uintptr) {
		var ok bool
		if w, ok = hangup.Begin(fd, l); !ok {
			t.Fatal("it cannot be watched")
		}
	})
	t.Cleanup(w.Forget)
	return w, l
}

func TestTheEndIsSeenBehindUnreadBytes(t *testing.T) {
	ends := map[string]func(peer net.Conn){
		"half-closed": func(peer net.Conn) { peer.(interface{ CloseWrite() error }).CloseWrite() },
		"closed":      func(peer net.Conn) { peer.Close() },
		"reset": func(peer net.Conn) {
			if tcp, ok := peer.(*net.TCPConn); ok {
				tcp.SetLinger(0)
			}
			peer.Close()
		},
	}
	for network, listener := range transports {
		for name, end := range ends {
			for _, before := range []bool{true, false} {
				peer, watched := pair(t, listener(t))
				var l told
				if before {
					_, l = begin(t, watched)
				}
				io.WriteString(peer, "Hello")
				end(peer)
				if !before {
					_, l = begin(t, watched)
				}
				select {
				case <-l:
				case <-time.After(time.Minute):
					t.Fatalf("%s, %s, watched before: %t: nothing is told", network, name, before)
				}
				if len(l) != 0 {
					t.Errorf("%s, %s: told twice", network, name)
				}
			}
		}
	}
}

// Bytes are no end, and neither is what has been closed on this side.
func TestNothingIsToldOfWhatHasNotEnded(t *testing.T) {
	for network, listener := range transports {
		peer, watched := pair(t, listener(t))
		_, l := begin(t, watched)
		io.WriteString(peer, "Hello")
		ended, other := pair(t, transports[network](t))
		_, end := begin(t, other)
		ended.Close()
		<-end // this one is told, so the one before would have been
		if len(l) != 0 {
			t.Errorf("%s: bytes are told as the end", network)
		}
	}
}

func TestNothingIsToldBehindTheEndOfAWatch(t *testing.T) {
	for network, listener := range transports {
		peer, watched := pair(t, listener(t))
		w, l := begin(t, watched)
		control(t, watched, w.End)
		_, again := begin(t, watched) // the socket can be watched anew
		peer.Close()
		<-again
		if len(l) != 0 {
			t.Errorf("%s: told behind the end", network)
		}
	}
}

func TestAClosedSocketIsForgotten(t *testing.T) {
	for _, listener := range transports {
		_, watched := pair(t, listener(t))
		w, l := begin(t, watched)
		watched.Close()
		w.Forget()
		w.Forget()
		if len(l) != 0 {
			t.Error("told")
		}
	}
}

func TestWhatIsNoSocketIsRefused(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "file"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, ok := hangup.Begin(f.Fd(), make(told)); ok {
		t.Error("a file is watched")
	}
}

// Programs look for goroutines that are left over.
func TestNobodyWaitsWhileNothingIsWatched(t *testing.T) {
	_, watched := pair(t, transports["tcp"](t))
	for range 3 {
		w, _ := begin(t, watched)
		wstest.Until(t, "it waits", waits)
		control(t, watched, w.End)
		wstest.Until(t, "nobody waits", func() bool { return !waits() })
	}
}

func waits() bool {
	b := make([]byte, 1<<20)
	return strings.Contains(string(b[:runtime.Stack(b, true)]), "hangup.(*ends).wait")
}

// A watch that has ended is over, whoever has its place by then.
func TestThePlaceOfAWatchIsUsedAgain(t *testing.T) {
	for range 3 {
		_, first := pair(t, transports["tcp"](t))
		peer, second := pair(t, transports["tcp"](t))
		before, old := begin(t, first)
		control(t, first, before.End)
		_, l := begin(t, second)
		before.Forget() // again, which is not about this one
		peer.Close()
		<-l
		if len(old) != 0 {
			t.Error("the one before is told")
		}
	}
}
