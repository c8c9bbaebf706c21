package contracts

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wspoll"
	"github.com/wirews/wirews/wsutil"
)

// A server that has nothing to do is woken by one message, whose handler computes.
// Another message that comes meanwhile, on another connection, is handled before that
// ends: on another processor, or on the same one. The scheduler's monitor sees to both,
// but sleeps while nothing runs, and the network poller of the runtime does not wake it.
// The server has a process of its own, since what a test does would.
func TestAHandlerThatComputesHoldsUpNoOtherConnection(t *testing.T) {
	if name := os.Getenv(computingServer); name != "" {
		serveComputing(t, computing[name])
	}
	for name := range computing {
		for _, processors := range []string{"1", "2"} {
			for _, asleep := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, processors: %s, asleep: %v", name, processors, asleep), func(t *testing.T) {
					t.Parallel()
					addr, pid := startComputing(t, name, processors)
					first, second := dialComputing(t, addr), dialComputing(t, addr)
					ask(t, first, "hello")
					ask(t, second, "hello")
					if asleep {
						wstest.Until(t, "the server sleeps", func() bool { return sleeps(t, pid) })
					}
					before := computed(t, pid)
					if err := wsutil.WriteClientText(first, []byte("compute")); err != nil {
						t.Fatal(err)
					}
					wstest.Until(t, "the handler computes", func() bool { return computed(t, pid) > before+20*time.Millisecond })
					ask(t, second, "hello")
					if answer, _, err := wsutil.ReadServerData(first); err != nil || string(answer) != "not alone" {
						t.Errorf("the handler was %q, %v", answer, err)
					}
				})
			}
		}
	}
}

// computingServer names the server that a process is.
const computingServer = "WIREWS_COMPUTING_SERVER"

// computing are the servers. They return when there is an error.
var computing = map[string]func(l net.Listener, handle func(p []byte) []byte) error{
	"websocket, pushed": func(l net.Listener, handle func(p []byte) []byte) error {
		return eachConn(l, func(conn net.Conn) error {
			c, err := websocket.AcceptConn(conn, nil)
			if err != nil {
				return err
			}
			return c.Serve(context.Background(), func(ctx context.Context, typ websocket.MessageType, p []byte) error {
				return c.Write(ctx, typ, handle(p))
			})
		})
	},
	"websocket, pulled": func(l net.Listener, handle func(p []byte) []byte) error {
		return eachConn(l, func(conn net.Conn) error {
			c, err := websocket.AcceptConn(conn, nil)
			if err != nil {
				return err
			}
			ctx := context.Background()
			return answer(handle, func() ([]byte, websocket.MessageType, error) {
				typ, p, err := c.Read(ctx)
				return p, typ, err
			}, func(typ websocket.MessageType, p []byte) error { return c.Write(ctx, typ, p) })
		})
	},
	"wsutil.Stream": func(l net.Listener, handle func(p []byte) []byte) error {
		return eachUpgraded(l, func(conn net.Conn) error {
			s := wsutil.NewStream(conn, ws.StateServerSide, 4096)
			return answer(handle, s.ReadMessage, s.WriteMessage)
		})
	},
	"wsutil.ReadClientData": func(l net.Listener, handle func(p []byte) []byte) error {
		return eachUpgraded(l, func(conn net.Conn) error {
			return answer(handle, func() ([]byte, ws.OpCode, error) { return wsutil.ReadClientData(conn) },
				func(op ws.OpCode, p []byte) error { return wsutil.WriteServerMessage(conn, op, p) })
		})
	},
	"wspoll": func(l net.Listener, handle func(p []byte) []byte) error {
		s := wspoll.Server{Loops: 2, OnMessage: func(c *wspoll.Conn, op ws.OpCode, p []byte) { c.Write(op, handle(p)) }}
		return s.Serve(l)
	},
}

func eachConn(l net.Listener, serve func(net.Conn) error) error {
	for {
		conn, err := l.Accept()
		if err != nil {
			return err
		}
		go serve(conn)
	}
}

func eachUpgraded(l net.Listener, serve func(net.Conn) error) error {
	return eachConn(l, func(conn net.Conn) error {
		if _, err := ws.Upgrade(conn); err != nil {
			return err
		}
		return serve(conn)
	})
}

// answer answers each message until there is an error.
func answer[T any](handle func(p []byte) []byte, read func() ([]byte, T, error), write func(T, []byte) error) error {
	for {
		p, typ, err := read()
		if err == nil {
			err = write(typ, handle(p))
		}
		if err != nil {
			return err
		}
	}
}

// serveComputing is the process of a server, which ends with its parent.
func serveComputing(t *testing.T, serve func(l net.Listener, handle func(p []byte) []byte) error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var others atomic.Int64
	handle := func(p []byte) []byte {
		if string(p) != "compute" {
			others.Add(1)
			return p
		}
		n := others.Load()
		for begun := time.Now(); time.Since(begun) < 5*time.Second; {
			if others.Load() > n {
				return []byte("not alone")
			}
		}
		return []byte("alone")
	}
	go func() { fmt.Println(serve(l, handle)) }()
	fmt.Println(l.Addr())
	io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
}

func startComputing(t *testing.T, name, processors string) (addr string, pid int) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestAHandlerThatComputesHoldsUpNoOtherConnection$", "-test.timeout=0")
	cmd.Env = append(os.Environ(), computingServer+"="+name, "GOMAXPROCS="+processors)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		cmd.Wait()
	})
	if addr, err = bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(addr), cmd.Process.Pid
}

func dialComputing(t *testing.T, addr string) net.Conn {
	t.Helper()
	conn, br, _, err := ws.Dialer{}.Dial(context.Background(), "ws://"+addr)
	if err != nil || br != nil {
		t.Fatal(br, err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// ask sends a message, and waits for its echo.
func ask(t *testing.T, conn net.Conn, message string) {
	t.Helper()
	if err := wsutil.WriteClientText(conn, []byte(message)); err != nil {
		t.Fatal(err)
	}
	if answer, _, err := wsutil.ReadServerData(conn); err != nil || string(answer) != message {
		t.Fatalf("%q came back, %v", answer, err)
	}
}

// sleeps reports whether no thread of a process runs for much longer than the
// scheduler's monitor pauses while it is awake, 10 ms at most.
func sleeps(t *testing.T, pid int) bool {
	before := switches(t, pid)
	<-time.After(100 * time.Millisecond)
	return switches(t, pid) == before
}

// switches returns how often the threads of a process were given a processor.
func switches(t *testing.T, pid int) (n int) {
	for _, f := range schedstats(t, pid) {
		n += f[2]
	}
	return n
}

// computed returns how long the threads of a process have had a processor.
func computed(t *testing.T, pid int) (d time.Duration) {
	for _, f := range schedstats(t, pid) {
		d += time.Duration(f[0])
	}
	return d
}

// schedstats returns, for each thread, how long it has run and has waited to run, in
// nanoseconds, and how often it was begun to be run.
func schedstats(t *testing.T, pid int) (all [][3]int) {
	t.Helper()
	files, _ := filepath.Glob("/proc/" + strconv.Itoa(pid) + "/task/*/schedstat")
	for _, file := range files {
		b, err := os.ReadFile(file)
		var f [3]int
		if err == nil {
			_, err = fmt.Sscan(string(b), &f[0], &f[1], &f[2])
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, f)
	}
	if all == nil {
		t.Skip("this kernel does not say how long threads have run (CONFIG_SCHED_INFO)")
	}
	return all
}
