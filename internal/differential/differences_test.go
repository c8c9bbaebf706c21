package differential

import (
	"io"
	"slices"
	"strings"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// differences are what shells do otherwise than package wsproto on purpose.
var differences = []struct {
	shells []string
	why    string
	// excuse makes of what package wsproto does what these shells are to do. It is
	// called if they do something else.
	excuse func(o *outcome, again func(more []byte) outcome)
}{
	{
		[]string{"websocket.Read", "websocket.Reader", "wspoll", "wspoll by epoll"},
		"the reason of the peer's close frame comes back with its code, as from coder/websocket; RFC 6455, 5.5.1, asks for the code only",
		func(o *outcome, _ func([]byte) outcome) {
			if last := len(o.answers) - 1; last >= 0 && strings.HasPrefix(o.end, "close:") {
				o.answers = slices.Clone(o.answers)
				o.answers[last] = o.end
			}
		},
	},
	{
		[]string{"wsutil.ReadAppend"},
		"it reads the first two bytes of a frame by themselves, and checks what they say; package wsproto checks a header once all of it has come",
		func(o *outcome, again func([]byte) outcome) {
			if o.end != io.ErrUnexpectedEOF.Error() {
				return
			}
			if whole := again(make([]byte, ws.MaxHeaderSize)); isViolation(whole) {
				*o = whole
			}
		},
	},
	{
		[]string{"wsutil.Stream", "wsutil.ReadAppend"},
		"gobwas/ws has a limit on frames that is no limit on messages: here a frame is too long only by that one, and a message by its first frame too",
		func(o *outcome, _ func([]byte) outcome) {
			if o.end == string(ws.ErrFrameTooLarge) {
				o.end = string(wsproto.ErrMessageTooLarge)
			}
		},
	},
}

func isViolation(o outcome) bool { return strings.HasPrefix(o.end, "ws: ") }

// excused returns want as the shell of that name is to make it, and whether that is got.
// again is what package wsproto makes of the input with more at its end.
func excused(name string, got, want outcome, again func(more []byte) outcome) (outcome, bool) {
	for _, d := range differences {
		if got.String() == want.String() {
			break
		}
		if slices.Contains(d.shells, name) {
			d.excuse(&want, again)
		}
	}
	return want, got.String() == want.String()
}
