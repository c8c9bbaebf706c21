//go:build unix

package fault

// Call is a system call that can be made to fail.
type Call uint8

// The system calls of the transports. The size of Writev is the number of its
// buffers, that of EpollWait the number of events, and what transfers nothing has
// none.
const (
	Recv Call = iota
	Send
	Writev
	EpollWait
	EpollCreate
	EpollCtl
	Eventfd
	Duplicate
)

func (c Call) String() string {
	return [...]string{"recv", "send", "writev", "epoll_pwait", "epoll_create1", "epoll_ctl", "eventfd2", "fcntl"}[c]
}
