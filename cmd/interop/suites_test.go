package interop_test

import (
	"crypto/tls"
	"maps"
	"net/url"
	"strconv"
	"testing"

	"github.com/wirews/wirews/ws"
)

// suite is what a client tries with a server, by column. Each test returns what
// its cell says.
type suite map[string]func(*testing.T, server) string

// ourClient is a way to make a client with this module.
type ourClient struct {
	name  string
	suite suite
	// bigText tries long messages with a server that takes lines of text only.
	bigText func(*testing.T, server) string
	// closed connects to a URL that closes with a code, and answers.
	closed func(t *testing.T, s server, url string, code ws.StatusCode)
}

var ourClients = []ourClient{
	{
		name: "`ws.Dialer`", suite: dialerSuite, bigText: testBigText,
		closed: func(t *testing.T, s server, url string, code ws.StatusCode) {
			mustDial(t, s.dialer, url).answerClose(code, closeReason(code))
		},
	},
	{
		name: "`websocket.Dial`", suite: dialSuite, bigText: dialBigText,
		closed: func(t *testing.T, s server, url string, code ws.StatusCode) {
			s.open(t, url, nil).wantClose(code)
		},
	},
}

func TestOurClientsWithTheirServers(t *testing.T) {
	id := newIdentity(t)
	for _, f := range foreigners {
		if f.server == nil {
			continue
		}
		t.Run(f.name, func(t *testing.T) {
			need(t, f.probe, f.missing)
			for _, secure := range []bool{false, true} {
				s := startServer(t, id, f, secure)
				for _, o := range ourClients {
					s.try(t, o.name+" with their servers", f.name+", "+s.scheme, o.suite)
				}
			}
		})
	}
}

func TestOurClientsWithWebsocketd(t *testing.T) {
	need(t, []string{"websocketd", "--version"}, "websocketd: install the Debian package websocketd")
	matrix.version("websocketd", "") // it names that of its compiler
	id := newIdentity(t)
	for _, secure := range []bool{false, true} {
		s := startWebsocketd(t, id, secure)
		for _, o := range ourClients {
			s.try(t, o.name+" with their servers", "websocketd, "+s.scheme, o.forLinesOfText())
		}
	}
}

func TestOurClientsWithOurServers(t *testing.T) {
	id := newIdentity(t)
	for _, k := range stacks {
		eachRoute(t, id, k, func(t *testing.T, r route) {
			for _, o := range ourClients {
				r.server(t, id).try(t, o.name+" with our servers", r.name, o.along(r))
			}
		})
	}
}

// try runs the tests of a suite, each of which fills its cell.
func (s server) try(t *testing.T, title, row string, all suite) {
	for _, column := range columns {
		if test := all[column]; test != nil {
			cell(t, title, row, column, func(t *testing.T) string { return test(t, s) })
		}
	}
}

// forLinesOfText is the suite for websocketd.
func (o ourClient) forLinesOfText() suite {
	some := suite{colBig: o.bigText}
	for _, column := range []string{colText, colFragments, colPing, colByClient, colMany, colCommand} {
		some[column] = o.suite[column]
	}
	return some
}

// along is the suite for our servers, which have fewer endpoints.
func (o ourClient) along(r route) suite {
	some := maps.Clone(o.suite)
	delete(some, colHandshake)
	some[colByServer] = func(t *testing.T, s server) string {
		for _, code := range codes {
			o.closed(t, s, r.closing+strconv.Itoa(int(code)), code)
		}
		return count(len(codes))
	}
	return some
}

// server is the echo at the end of the route.
func (r route) server(t *testing.T, id identity) server {
	t.Helper()
	u, err := url.Parse(r.echo)
	if err != nil {
		t.Fatal(err)
	}
	s := server{scheme: u.Scheme, host: u.Host, noFragments: true, codes: codes}
	if r.secure {
		s.dialer.TLSConfig = &tls.Config{RootCAs: id.roots}
	}
	return s
}
