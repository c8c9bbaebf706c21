package wstest_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"
	"testing"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wstest"
)

// exampleT is the testing.TB of examples, which have none: it prints failures.
type exampleT struct {
	testing.TB
	cleanups []func()
}

func (*exampleT) Helper()            {}
func (t *exampleT) Cleanup(f func()) { t.cleanups = append(t.cleanups, f) }
func (*exampleT) Errorf(format string, args ...any) {
	fmt.Printf(format+"\n", args...)
}
func (t *exampleT) Fatalf(format string, args ...any) {
	t.Errorf(format, args...)
	runtime.Goexit()
}

// asTest runs what could be the body of a test.
func asTest(test func(t testing.TB)) {
	t := new(exampleT)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer func() {
			for _, f := range slices.Backward(t.cleanups) {
				f()
			}
		}()
		test(t)
	}()
	<-ended
}

func ExamplePipe() {
	asTest(func(t testing.TB) { // in a test: its *testing.T
		server, client := wstest.Pipe(t, nil, nil)
		ctx := context.Background()
		if err := client.Write(ctx, websocket.MessageText, []byte("hello")); err != nil {
			t.Fatalf("%v", err)
		}
		typ, p, err := server.Read(ctx)
		fmt.Printf("%v %s %v\n", typ, p, err)
	})
	// Output: MessageText hello <nil>
}

func ExampleNetPipe() {
	a, b := wstest.NetPipe(16)
	fmt.Fprint(a, "no one reads yet")
	fmt.Println(b.Buffered(), "bytes are on their way")
	a.CloseWrite()
	p, err := io.ReadAll(b)
	fmt.Printf("%s %v\n", p, err)
	// Output:
	// 16 bytes are on their way
	// no one reads yet <nil>
}

func ExampleListener() {
	l := wstest.NewListener(0)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "hello", r.RemoteAddr)
	})}
	go server.Serve(l)
	defer server.Close()

	client := &http.Client{Transport: &http.Transport{DialContext: l.DialContext}}
	resp, err := client.Get("http://server.example/")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	fmt.Printf("%s", body)
	// Output: hello 192.0.2.1:32769
}
