package rawio_test

import (
	"syscall"
	"testing"

	"github.com/wirews/wirews/internal/rawio"
)

func TestEpollWaitCollectsWhatThereIs(t *testing.T) {
	a, b := pair(t)
	epoll, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(epoll)
	raw(t, b).Control(func(fd uintptr) {
		err = syscall.EpollCtl(epoll, syscall.EPOLL_CTL_ADD, int(fd), &syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: 7, Pad: 9})
	})
	if err != nil {
		t.Fatal(err)
	}
	var events [4]syscall.EpollEvent
	if n, e := rawio.EpollWait(uintptr(epoll), events[:], false); n != 0 || e != 0 {
		t.Errorf("nothing there: %d, %v", n, e)
	}
	a.Write([]byte("x"))
	for n := 0; n == 0; {
		var e syscall.Errno
		if n, e = rawio.EpollWait(uintptr(epoll), events[:], true); e != 0 || n > 1 {
			t.Fatalf("%d, %v", n, e)
		}
	}
	if ev := events[0]; ev.Fd != 7 || ev.Pad != 9 || ev.Events != syscall.EPOLLIN {
		t.Errorf("%+v", ev)
	}
	if _, e := rawio.EpollWait(^uintptr(0)>>1, events[:], false); e != syscall.EBADF {
		t.Errorf("%v", e)
	}
}
