package autobahn_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/wirews/wirews/autobahn"
	"github.com/wirews/wirews/ws"
)

// serveEcho serves a correct echo on a free port.
func serveEcho() (url string, stop func()) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				echoServer(conn)
			}()
		}
	}()
	return "ws://" + l.Addr().String() + "/", func() { l.Close() }
}

func ExampleClient() {
	url, stop := serveEcho()
	defer stop()
	cases, err := autobahn.Select(autobahn.Cases(), []string{"7.7.*"}, []string{"7.7.1"})
	if err != nil {
		fmt.Println(err)
		return
	}
	client := autobahn.Client{URL: url, Agent: "echo", Cases: cases}
	results, err := client.Run(context.Background())
	passed := 0
	for _, r := range results {
		if r.Passed() {
			passed++
		}
	}
	fmt.Println(passed, "of", len(results), "passed,", err)
	// Output: 12 of 12 passed, <nil>
}

func ExampleServer() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	server := autobahn.Server{OnResult: func(r *autobahn.Result) {
		fmt.Println(r.Agent, r.Case, r.Behavior, r.BehaviorClose)
	}}
	done := make(chan error)
	go func() { done <- server.Serve(context.Background(), l) }()
	url := "ws://" + l.Addr().String()
	echoClient(ws.Dialer{}, url+"/runCase?case=1&agent=example")
	echoClient(ws.Dialer{}, url+"/runCase?casetuple=7.9.1&agent=example")
	echoClient(ws.Dialer{}, url+"/updateReports?agent=example")
	echoClient(ws.Dialer{}, url+"/stopServer")
	fmt.Println(<-done)
	// Unordered output:
	// example 1.1.1 OK OK
	// example 7.9.1 OK OK
	// <nil>
}

func ExampleCase_Explain() {
	cases, err := autobahn.Select(autobahn.Cases(), []string{"7.5.1"}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(cases[0].Explain())
	// Output:
	// 7.5.1, closing
	//
	// Sends: close 1000 with a reason that is not UTF-8.
	//   1. close frame, code 1000, reason: cebae1bdb9cf83cebcceb5eda080656469746564
	//
	// Wants: OK: a close frame with 1007, 1002 or no code, or the end of TCP.
	// Closing: the fuzzer is to be the first to close; the peer's close frame may have the code 1002, 1007, or none; it may also just end TCP.
	// Time: 1s from the last step on.
	//
	// Why: The reason of a close frame is UTF-8, and wrong text fails the connection.
	// Rule: RFC 6455, 5.5.1 and 8.1.
}

func ExampleParseExpected() {
	expected, err := autobahn.ParseExpected(strings.NewReader("6.4.*, NON-STRICT\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, line := range expected.Differences([]*autobahn.Result{
		{Case: "6.4.1", Behavior: autobahn.NonStrict, BehaviorClose: autobahn.OK},
		{Case: "7.1.1", Behavior: autobahn.OK, BehaviorClose: autobahn.WrongCode, Why: "the peer closed with 1001"},
		{Case: "6.4.2", Behavior: autobahn.OK, BehaviorClose: autobahn.OK},
	}) {
		fmt.Println(line)
	}
	// Output:
	// 7.1.1: got OK, closing WRONG CODE; want OK, closing OK (the peer closed with 1001)
	// 6.4.2: got OK, closing OK; want NON-STRICT, closing OK
}

func ExampleReport() {
	dir, err := os.MkdirTemp("", "report")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	report := autobahn.Report{Results: []*autobahn.Result{{Case: "1.1.1", Agent: "example", Behavior: autobahn.OK, BehaviorClose: autobahn.OK}}}
	fmt.Println(report.Write(dir))
	files, _ := os.ReadDir(dir)
	for _, f := range files {
		fmt.Println(f.Name())
	}
	// Output:
	// <nil>
	// example_case_1_1_1.json
	// index.html
	// index.json
}

// One handshake says whether there is anything to test, before hundreds of cases fail.
func ExampleClient_Reach() {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	client := autobahn.Client{URL: "ws" + strings.TrimPrefix(server.URL, "http")}
	err := client.Reach(context.Background())
	if refused, ok := errors.AsType[*autobahn.RefusedError](err); ok {
		fmt.Println(refused.StatusLine)
	}
	// Output: HTTP/1.1 404 Not Found
}
