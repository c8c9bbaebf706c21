package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/wirews/wirews/cmd/internal/serve"
)

// busFlags say by what the chat is connected to those of other servers.
type busFlags struct {
	bus     string
	cluster string
	dir     string
	node    string
}

func (f *busFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.bus, "bus", "", "`URL` of a broker by which the chat is one with those of other servers: nats, jetstream or redis://HOST:PORT")
	flags.StringVar(&f.cluster, "cluster", "", "be `node` N of M servers on this machine whose chats are one, as 1/3; or the addresses by which they reach each other, the own first, as 127.0.0.1:7080,127.0.0.1:7081,127.0.0.1:7082")
	flags.StringVar(&f.dir, "cluster-dir", "", "`directory` in which the node of a cluster keeps what was said, so that it is there after a crash; a temporary one by default")
	flags.StringVar(&f.node, "node", "", "`name` of this server among those with one chat; the machine's with the port by default")
}

var errNoBus = errors.New("this wirews was built without --bus and --cluster: build it without -tags nobus")

// check reports flags that have a wrong value or do not go together.
func (f *busFlags) check(flags *pflag.FlagSet) (err error) {
	if !hasBus && (f.bus != "" || f.cluster != "") {
		return errNoBus
	}
	if f.bus != "" {
		err = checkBus(f.bus)
	}
	err = errors.Join(err, checkNode(f.node), notTogether(flags, "bus", "cluster"), notTogether(flags, "poll", "bus"), notTogether(flags, "poll", "cluster"))
	if f.cluster == "" && f.dir != "" {
		err = errors.Join(err, errors.New("--cluster-dir is for the node of a cluster: give --cluster too"))
	}
	if f.cluster == "" && f.bus == "" && f.node != "" {
		err = errors.Join(err, errors.New("--node is the name among servers with one chat: give --bus or --cluster too"))
	}
	return err
}

// busForms says what --bus may be.
const busForms = `    nats://HOST:PORT         NATS core, which keeps nothing: a member that comes back has a gap
    jetstream://HOST:PORT    NATS with JetStream; ?replicas=3 says how many servers
                             keep what is said
    redis://HOST:PORT/DB     streams of Redis, from version 6 on; rediss:// for TLS

Of NATS there may be several hosts with commas between them. ?prefix=NAME keeps those
apart that share a broker and not a chat.`

// maxNode is how many bytes the name of a node may have.
const maxNode = 64

func checkNode(name string) error {
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:_-"
	if len(name) > maxNode || strings.Trim(name, allowed) != "" {
		return fmt.Errorf("--node %q: want up to %d letters, digits, dots, colons, _ and -", name, maxNode)
	}
	return nil
}

// nodeName returns the name of a node that listens at an address.
func (f *busFlags) nodeName(addr net.Addr) string {
	if f.node != "" {
		return f.node
	}
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	_, port, _ := net.SplitHostPort(addr.String())
	return host + ":" + port
}

// joined is what has to be closed in the end.
type joined []io.Closer

func (j joined) close() {
	for _, c := range slices.Backward(j) {
		c.Close()
	}
}

// join connects the chat to those of other servers, if a flag says so. It waits for the
// nodes of a cluster, as long as ctx allows.
func (f *busFlags) join(ctx context.Context, nodes clusterNodes, addr net.Addr, o *serve.Options) (j joined, err error) {
	if f.bus == "" && f.cluster == "" {
		return nil, nil
	}
	o.Node = f.nodeName(addr)
	if err := checkNode(o.Node); err != nil {
		return nil, err // the machine has a strange name
	}
	if f.bus != "" {
		limited, cancel := context.WithTimeout(ctx, busTimeout)
		defer cancel()
		o.Bus, err = openBus(limited, f.bus)
	} else {
		var node io.Closer
		o.Bus, node, err = startCluster(ctx, clusterOptions{nodes, f.dir, o.Log})
		j = append(j, node)
	}
	if err != nil {
		return nil, err
	}
	o.Log.Info("connected to the others", "node", o.Node)
	return append(j, o.Bus), nil
}

// busTimeout is how long a broker has to answer at the start.
const busTimeout = 10 * time.Second

// clusterOptions are those of the node of a cluster.
type clusterOptions struct {
	nodes clusterNodes
	dir   string
	log   *slog.Logger
}

// clusterNodes are the nodes of a cluster.
type clusterNodes struct {
	addrs  []string // by which they reach each other, the own first
	number int      // of this node, from 1; zero: the addresses were given
}

const (
	minNodes  = 3 // two cannot tell which of them has failed
	maxNodes  = 9
	firstNode = 7080 // its port, where only the number of nodes is given
)

// parseCluster understands the flag --cluster.
func parseCluster(text string) (n clusterNodes, err error) {
	if text == "" {
		return n, nil
	}
	if number, of, ok := strings.Cut(text, "/"); ok {
		return parseNumbers(text, number, of)
	}
	n.addrs = strings.Split(text, ",")
	if len(n.addrs) < minNodes || len(n.addrs) > maxNodes {
		return n, fmt.Errorf("--cluster %q: want 1/%d, or %d to %d addresses with commas between them", text, minNodes, minNodes, maxNodes)
	}
	for _, addr := range n.addrs {
		host, port, err := net.SplitHostPort(addr)
		number, perr := strconv.Atoi(port)
		if err != nil || perr != nil || number < 1 || number > 65535 {
			return n, fmt.Errorf("--cluster %q: want a host and a port, as 127.0.0.1:%d", addr, firstNode)
		}
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return n, fmt.Errorf("--cluster %q: the nodes ask each other for no password, so a cluster is for one machine; for several, run nats-server on them and give --bus jetstream://HOST:PORT", addr)
		}
	}
	if sorted := slices.Sorted(slices.Values(n.addrs)); len(slices.Compact(sorted)) < len(n.addrs) {
		return n, fmt.Errorf("--cluster %q has an address twice", text)
	}
	return n, nil
}

func parseNumbers(text, number, of string) (n clusterNodes, err error) {
	i, ierr := strconv.Atoi(number)
	m, merr := strconv.Atoi(of)
	if ierr != nil || merr != nil || m < minNodes || m > maxNodes || i < 1 || i > m {
		return n, fmt.Errorf("--cluster %q: want the number of this node and how many there are, as 1/%d; from %d to %d", text, minNodes, minNodes, maxNodes)
	}
	n.number = i
	for k := range m {
		n.addrs = append(n.addrs, net.JoinHostPort("127.0.0.1", strconv.Itoa(firstNode+(i-1+k)%m)))
	}
	return n, nil
}

// addr returns where a numbered node listens unless it is told otherwise.
func (n clusterNodes) addr() string { return fmt.Sprint("localhost:", 8080+n.number-1) }

// next returns what starts the next node, in the words of a shell.
func (n clusterNodes) next() string {
	m := len(n.addrs)
	if n.number > 0 {
		return fmt.Sprintf("wirews serve --cluster %d/%d", n.number%m+1, m)
	}
	return "wirews serve --addr localhost:0 --cluster " + strings.Join(append(slices.Clone(n.addrs[1:]), n.addrs[0]), ",")
}

// announce says how the next node is started.
func (n clusterNodes) announce(terminal bool, log *slog.Logger) {
	if !terminal {
		log.Info("cluster", "nodes", len(n.addrs), "next", n.next())
		return
	}
	fmt.Fprintf(os.Stderr, "This is one of %d nodes; it serves once enough of them are there. The next one, in another terminal: %s\n", len(n.addrs), n.next())
}
