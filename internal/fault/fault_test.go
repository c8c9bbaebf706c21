//go:build linux && faults

package fault_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/wirews/wirews/internal/fault"
	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/wsproto"
)

// patience is how long a conversation may last. Only one that hangs lasts so long.
const patience = 30 * time.Second

// harmless are faults that nobody is to notice.
var harmless = []syscall.Errno{short, syscall.EINTR, syscall.EAGAIN}

// faults are those that each call can have.
var faults = map[fault.Call][]syscall.Errno{
	fault.Recv:        {short, syscall.EINTR, syscall.EAGAIN, syscall.ECONNRESET, syscall.ETIMEDOUT, syscall.ENOMEM},
	fault.Send:        {short, syscall.EINTR, syscall.EAGAIN, syscall.ECONNRESET, syscall.EPIPE, syscall.ENOBUFS},
	fault.Writev:      {short, syscall.EINTR, syscall.EAGAIN, syscall.ECONNRESET, syscall.EPIPE, syscall.ENOBUFS},
	fault.EpollWait:   {short, syscall.EINTR, syscall.EBADF},
	fault.EpollCtl:    {syscall.ENOMEM, syscall.ENOSPC},
	fault.Duplicate:   {syscall.EMFILE, syscall.ENFILE},
	fault.EpollCreate: {syscall.EMFILE, syscall.ENOMEM},
	fault.Eventfd:     {syscall.EMFILE, syscall.ENOMEM},
}

// Whatever system call fails, once, in whatever place: a conversation of two ends
// goes on as if nothing had happened, or it ends at both with an error that tells
// why. Nothing hangs, and no goroutine or descriptor is left.
func TestASystemCallThatFailsEndsOneConnectionAtMost(t *testing.T) {
	for name, talk := range conversations {
		t.Run(name, func(t *testing.T) {
			for range 2 { // what is made once in a program is there then
				if err := whole(t, talk); err != nil {
					t.Fatalf("without a fault: %v", err)
				}
			}
			before := settled()
			for call, errnos := range faults {
				for _, errno := range errnos {
					if testing.Short() && !slices.Contains(harmless, errno) {
						continue // many of them end a connection after seconds
					}
					positions(t, talk, call, errno)
				}
			}
			if !wstest.Poll(patience, func() bool { return settled().within(before) }) {
				t.Errorf("%v at first, %v at the end", before, settled())
			}
		})
	}
}

// positions has each call of a kind fail, one in each conversation.
func positions(t *testing.T, talk conversation, call fault.Call, errno syscall.Errno) {
	tried := 0
	for after := int64(0); ; after++ {
		i := &injection{call: call, after: after, errno: errno}
		fault.Set(i.hook)
		err := whole(t, talk)
		fault.Set(nil)
		if !i.made.Load() {
			break
		}
		tried++
		if why := wrong(i, err); why != "" {
			t.Errorf("%v number %d, %v: %s: %v", call, after, errnoName(errno), why, err)
		}
		if t.Failed() && after > 200 {
			break
		}
	}
	t.Logf("%v, %s: %d positions", call, errnoName(errno), tried)
}

// wrong says what is wrong with how a conversation has ended, or nothing.
func wrong(i *injection, err error) string {
	var end *wsproto.ConnError
	switch {
	case err == nil:
		return ""
	case errors.Is(err, context.DeadlineExceeded):
		return "it hangs"
	case slices.Contains(harmless, i.errno):
		return "it was to go on"
	case errors.Is(err, errDiffers):
		return "bytes were changed"
	case errors.As(err, &end), errors.Is(err, i.errno), errors.Is(err, errNotOpened):
		return ""
	}
	return "this error does not tell why"
}

// whole has a conversation, all of it.
func whole(t *testing.T, talk conversation) error {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	return talk(ctx)
}

// held is what a program holds of its system.
type held struct{ goroutines, descriptors int }

func settled() held {
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		panic(err)
	}
	return held{runtime.NumGoroutine(), len(fds)}
}

func (h held) within(bound held) bool {
	return h.goroutines <= bound.goroutines && h.descriptors <= bound.descriptors
}

func (h held) String() string {
	return fmt.Sprintf("%d goroutines and %d descriptors", h.goroutines, h.descriptors)
}

func errnoName(e syscall.Errno) string {
	if e == short {
		return "a short count"
	}
	return e.Error()
}
