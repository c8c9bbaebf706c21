package autobahn

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"time"
)

// opening is a handshake that differs from the usual one. Of request and
// response the fuzzer's own is used.
type opening struct {
	request  func(lines) lines
	response func(lines) lines
	chop     int
	refuse   *refusal // nil: the peer has to accept it, and the case goes on
}

// refusal says how a peer may refuse a handshake.
type refusal struct {
	field    string // that the response has to have
	lenient  bool   // accepting it is NON-STRICT
	mayDrop  bool   // just ending TCP is OK
	anything bool   // every status but 101 is OK
}

// refuseTime is how long a client may take to give up on a bad response.
const refuseTime = 2 * time.Second

// judgeServer sends a request that the server has to refuse.
func (o *opening) judgeServer(c *Client, target *url.URL, test *Case, conn net.Conn) *Result {
	started := time.Now()
	request := o.request(goodRequest(target, newKey(), "", c.Fields)).String()
	conn.SetDeadline(time.Now().Add(c.openingTime()))
	go writeChopped(conn, request, o.chop) // the server may answer before it has everything
	response, _, err := readHead(conn)
	r := noHandshake(test, started, errors.New(""))
	r.Request, r.Response = cutHead(request), cutHead(response.raw)
	r.Behavior, r.Why = o.refuse.judge(response, err)
	if r.Behavior != Failed {
		r.BehaviorClose = OK
	}
	return r
}

// judge returns the verdict on an answer.
func (f *refusal) judge(response head, err error) (Behavior, string) {
	if err != nil {
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			return Failed, "no answer, and TCP was not ended"
		case response.raw != "":
			return Failed, "the answer is cut off or malformed: " + err.Error()
		case f.mayDrop:
			return OK, "the server ended TCP"
		}
		return NonStrict, "the server ended TCP without an answer"
	}
	status, err := statusOf(response)
	switch {
	case err != nil:
		return Failed, err.Error()
	case status == "101" && f.lenient:
		return NonStrict, "the server accepted"
	case status == "101":
		return Failed, "the server accepted"
	case f.field != "" && len(response.values(f.field)) == 0:
		return NonStrict, fmt.Sprintf("the server refused with %s, without the field %s", status, f.field)
	case status < "400" && !f.anything:
		return NonStrict, fmt.Sprintf("the server answered with %s, which is no error", status)
	}
	return OK, "the server answered with " + status
}

// judgeClient answers with a response that the client must not accept, and a
// ping and a message right after it.
func (o *opening) judgeClient(test *Case, conn net.Conn, request head, key string) *Result {
	started := time.Now()
	response := o.response(goodResponse(key, "")).String()
	frames := appendFrame(nil, header{fin: true, opcode: opPing}, nil)
	frames = appendFrame(frames, header{fin: true, opcode: opText}, []byte(hello.unit))
	go writeChopped(conn, response+string(frames), o.chop)
	conn.SetDeadline(time.Now().Add(refuseTime))
	got, err := io.ReadAll(io.LimitReader(conn, 1024))
	r := noHandshake(test, started, errors.New(""))
	r.Request, r.Response = request.raw, cutHead(response)
	switch {
	case len(got) > 0:
		r.Why = fmt.Sprintf("the client accepted, and sent %x", got[:min(len(got), 32)])
	case errors.Is(err, os.ErrDeadlineExceeded):
		r.Behavior, r.Why = NonStrict, fmt.Sprintf("the client sent nothing, but did not end TCP within %v", refuseTime)
	default:
		r.Behavior, r.Why = OK, "the client ended TCP"
	}
	if r.Behavior != Failed {
		r.BehaviorClose = OK
	}
	return r
}

// cutHead shortens a head that is long on purpose.
func cutHead(s string) string {
	const room = 4096
	if len(s) <= room {
		return s
	}
	return s[:room] + fmt.Sprintf("... (%d bytes)\r\n", len(s))
}

// asItIs leaves a head alone.
func asItIs(l lines) lines { return l }

// add returns what adds lines to a head.
func add(more ...string) func(lines) lines {
	return func(l lines) lines { return l.with(more...) }
}

// swap returns what replaces the line that begins with prefix.
func swap(prefix string, by ...string) func(lines) lines {
	return func(l lines) lines { return l.replace(prefix, by...) }
}

// longField is a field that never seems to end.
func longField(size int) func(lines) lines {
	return func(l lines) lines { return l.with("X-Long: " + strings.Repeat("x", size)) }
}
