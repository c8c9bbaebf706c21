package httpx_test

import (
	"fmt"
	"testing"

	"github.com/wirews/wirews/httpx"
)

func TestCloneOutlivesTheBuffer(t *testing.T) {
	head := []byte("GET /chat HTTP/1.1\r\nHost: example.com\r\nX-A: 1\r\nX-Empty:\r\n\r\n")
	req, err := httpx.ParseRequest(head, nil)
	if err != nil {
		t.Fatal(err)
	}
	c := req.Clone()
	want := fmt.Sprintf("%s %s %v %s", req.Method, req.Target, req.Version, req.Fields)
	clear(head)
	clear(req.Fields)
	if got := fmt.Sprintf("%s %s %v %s", c.Method, c.Target, c.Version, c.Fields); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	// The copies lie side by side: growing one must not reach into the next.
	_ = append(c.Fields[0].Value, 'x')
	if v, _ := c.Fields.First("X-A"); string(v) != "1" || string(c.Fields[1].Name) != "X-A" {
		t.Errorf("appending to one value changed another: %s", c.Fields)
	}
}

func ExampleRequest_Clone() {
	buf := []byte("GET / HTTP/1.1\r\nHost: example.com\r\n\r\n")
	req, _ := httpx.ParseRequest(buf, nil)
	kept := req.Clone()
	clear(buf) // the buffer is used again
	host, _ := kept.Fields.First("host")
	fmt.Printf("%s %s\n", kept.Method, host)
	// Output: GET example.com
}
