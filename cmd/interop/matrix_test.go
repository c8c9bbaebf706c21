package interop_test

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// The columns of the matrix.
const (
	colText      = "text"
	colBinary    = "binary"
	colFragments = "fragments, ping inside"
	colPing      = "ping"
	colByClient  = "close by client"
	colByServer  = "close by server"
	colBig       = "5 MiB"
	colMany      = "10,000 messages"
	colDeflate   = "compression offer"
	colHandshake = "handshake"
	colCommand   = "wirews connect"
	colOffers    = "their offers"
	colAccept    = "their offers, `websocket.Accept`"
	colAnswers   = "our offers"
	colDial      = "our offers, `websocket.Dial`"
	colDialer    = "`ws.Dialer`"
	colWebsocket = "`websocket.Dial`"
	colGorilla   = "`compat/gorilla`"
)

var columns = []string{
	colText, colBinary, colFragments, colPing, colByClient, colByServer, colBig, colMany, colDeflate, colHandshake,
	colDialer, colWebsocket, colGorilla, colCommand, colOffers, colAccept, colAnswers, colDial,
}

// results is what the tests have seen.
type results struct {
	mu       sync.Mutex
	versions map[string]string
	tables   []*table
}

type table struct {
	title string
	rows  []string
	cells map[[2]string]string // by row and column
}

var matrix results

// TestMain writes the matrix to the file that the environment names, if
// everything has passed.
func TestMain(m *testing.M) {
	status := m.Run()
	if path := os.Getenv("INTEROP_DOC"); path != "" && status == 0 {
		if err := os.WriteFile(path, []byte(matrix.page()), 0o644); err != nil {
			fmt.Fprintln(os.Stderr, err)
			status = 1
		}
	}
	os.Exit(status)
}

// cell runs a test and keeps what came of it. The test returns what is to be
// said of it where it passes, a number of cases for instance.
func cell(t *testing.T, title, row, column string, test func(*testing.T) string) {
	t.Run(column, func(t *testing.T) {
		said := test(t)
		if !t.Failed() {
			matrix.set(title, row, column, said)
		}
	})
}

// row makes room for a row. Rows are in this order, whichever test ends first.
func (r *results) row(title, row string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if t := r.table(title); !slices.Contains(t.rows, row) {
		t.rows = append(t.rows, row)
	}
}

func (r *results) set(title, row, column, text string) {
	r.row(title, row)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.table(title).cells[[2]string{row, column}] = text
}

func (r *results) table(title string) *table {
	i := slices.IndexFunc(r.tables, func(t *table) bool { return t.title == title })
	if i < 0 {
		i = len(r.tables)
		r.tables = append(r.tables, &table{title: title, cells: make(map[[2]string]string)})
	}
	return r.tables[i]
}

// version keeps the first number with a dot of what an implementation says of
// itself.
func (r *results) version(name, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.versions == nil {
		r.versions = make(map[string]string)
	}
	r.versions[name] = regexp.MustCompile(`\d+(\.\d+)+`).FindString(text)
}

const preface = `# Interoperability

Each cell is a test of ` + "`make interop`" + `, which writes this page when all have passed. A number says how many cases
there are in a cell; a dash says that the other side has no way to do it, or is not asked to. A page in a browser can
close with 1000 and 3000 to 4999 only; wsproto and websocketd do not know 1014.

Our servers are four: the endpoints of ` + "`wirews serve`" + `, which are made of the lower layers; ` + "`websocket.Accept`" + ` in a server of
net/http, which reads message by message and compresses with context takeover; ` + "`websocket.AcceptConn`" + ` without
net/http, which has ` + "`Serve`" + ` call a handler and compresses each message separately; and ` + "`wspoll.Server`" + `, which is
called on its loops and compresses with context takeover. Our clients are two: ` + "`ws.Dialer`" + `
with the lower layers, whose tests look at each frame, and ` + "`websocket.Dial`" + `.

- *text* and *binary*: messages of 0 to 65,536 bytes come back as they were.
- *fragments, ping inside*: a message in three fragments with a ping between them; one fragment is empty, except from
  ` + "`websocket.Dial`" + `, whose Writer sends none.
- *ping*: pings of 0 to 125 bytes are answered; a pong that nobody has asked for is ignored. Ping of ` + "`websocket.Dial`" + `
  needs nobody who reads, and keeps the messages that come before the pong.
- *close by client* and *by server*: each close code that may be sent arrives with its reason, and is answered.
- *5 MiB* and *10,000 messages*: a long message, and many small ones without waiting between them.
- *compression offer*: a client that offers permessage-deflate gets the answer that it has to get, and is understood.
- *handshake*: our client copes with frames right after the response, subprotocols, refusals and basic authentication;
  our servers agree on no subprotocol, because their endpoints have none.
- *wirews connect*: the command sends 1,000 lines, offers compression, and gets all lines back.
- *their offers* and *our offers* of compression: every combination of its parameters that can be offered, to a server
  without wishes, and every combination of wishes, with one offer or another; for package websocket, both modes with
  all that can be offered or wished for by the other side. Both ends agree on the same, and messages that refer to each
  other, longer than the largest window, are right where they arrive and when they are back.
  Chromium always offers ` + "`client_max_window_bits`" + ` and nothing else. Python is left out where it would have to
  compress with 8 bits: its zlib cannot, and it raises an error. Node takes 9 then, and our side accepts that. As a
  server, Node refuses windows smaller than its own wish, and clients that cannot be told one.

A client goes through a forward proxy in four ways: one that asks for no password, and one that does, with it, without it, and with
a wrong one; without the right one it is refused. The proxies are those of Debian; squid's ` + "`https`" + ` is
a proxy that is itself spoken to over TLS.

A reverse proxy has to pass on ` + "`Upgrade`, `Connection` and `Host`" + `: the servers compare the origin of a page with the
latter. The configurations are those of [the cookbook](cookbook/proxies.md).
`

// page returns the matrix in Markdown.
func (r *results) page() string {
	var b strings.Builder
	b.WriteString(preface)
	b.WriteString("\nTried with:")
	for i, name := range slices.Sorted(maps.Keys(r.versions)) {
		if i > 0 {
			b.WriteString(",")
		}
		b.WriteString(" " + strings.TrimSpace(name+" "+r.versions[name]))
	}
	b.WriteString(".\n")
	for _, t := range r.tables {
		fmt.Fprintf(&b, "\n## %s\n\n", t.title)
		t.write(&b)
	}
	return b.String()
}

// write leaves out columns that no row has anything in.
func (t *table) write(b *strings.Builder) {
	used := slices.DeleteFunc(slices.Clone(columns), func(column string) bool {
		return !slices.ContainsFunc(t.rows, func(row string) bool { return t.cells[[2]string{row, column}] != "" })
	})
	fmt.Fprintf(b, "| | %s |\n|---|%s\n", strings.Join(used, " | "), strings.Repeat("---|", len(used)))
	for _, row := range t.rows {
		fmt.Fprintf(b, "| %s |", row)
		for _, column := range used {
			text := t.cells[[2]string{row, column}]
			if text == "" {
				text = "–"
			}
			fmt.Fprintf(b, " %s |", text)
		}
		b.WriteString("\n")
	}
}
