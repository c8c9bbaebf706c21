package httpx_test

import (
	"fmt"

	"github.com/wirews/wirews/httpx"
)

// A request that arrives in two pieces, and the answer to it.
func Example() {
	var s httpx.Scanner
	var received []byte
	for _, piece := range []string{"GET /chat HTTP/1.1\r\nHost: exam", "ple.com\r\n\r\nand more"} {
		received = append(received, piece...)
		r, n, err := s.Request(received, httpx.Limits{}, new(httpx.Scratch))
		if err == httpx.ErrShort {
			fmt.Println("more is needed")
			continue
		}
		if err != nil {
			fmt.Println(err)
			return
		}
		host, _ := r.Fields.First("Host")
		fmt.Printf("%s %s of %s, and then %q\n", r.Method, r.Target, host, received[n:])
	}
	answer, err := httpx.AppendStatusLine(nil, 204, "No Content")
	if err != nil {
		fmt.Println(err)
		return
	}
	answer, err = httpx.AppendField(answer, "Server", "example")
	fmt.Printf("%q %v\n", httpx.AppendEnd(answer), err)
	// Output:
	// more is needed
	// GET /chat of example.com, and then "and more"
	// "HTTP/1.1 204 No Content\r\nServer: example\r\n\r\n" <nil>
}
