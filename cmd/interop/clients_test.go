package interop_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/wirews/wirews/wsflate"
)

// accepted is what our server answers to the offer of permessage-deflate.
const accepted = wsflate.ExtensionName

func TestTheirClientsWithOurServers(t *testing.T) {
	id := newIdentity(t)
	for _, f := range foreigners {
		t.Run(f.name, func(t *testing.T) {
			matrix.version(f.name, need(t, f.probe, f.missing))
			for _, s := range stacks {
				for _, way := range ways {
					matrix.row(f.title(), s.row(way))
				}
				t.Run(s.name, func(t *testing.T) {
					t.Parallel()
					eachRoute(t, id, s, func(t *testing.T, r route) { testClient(t, id, f, r) })
				})
			}
		})
	}
}

func (f foreign) title() string { return f.name + " with our servers" }

// outcome is what a script says of a case.
type outcome struct{ Case, Error, Impossible string }

// testClient lets a client try all cases, and judges them by column.
func testClient(t *testing.T, id identity, f foreign, r route) {
	var env []string
	if r.secure {
		env = id.trust()
	}
	lines := run(t, env, append(f.client, r.echo, r.closing, list(sizes), list(codes), accepted, "code and reason")...)
	seen := make(map[string]outcome)
	for o := (outcome{}); next(t, lines, &o); o = (outcome{}) {
		seen[o.Case] = o
	}
	for _, column := range columns {
		names := clientCases[column]
		if names == nil {
			continue
		}
		cell(t, f.title(), r.name, column, func(t *testing.T) string {
			passed := 0
			for _, name := range names {
				switch o, ran := seen[name]; {
				case !ran:
					t.Errorf("%s: did not run", name)
				case o.Error != "":
					t.Errorf("%s: %s", name, o.Error)
				case o.Impossible == "":
					passed++
				}
			}
			return count(passed)
		})
	}
}

// clientCases are what each client has to try, by column. A client may do more.
var clientCases = func() map[string][]string {
	cases := map[string][]string{
		colText: {"text"}, colBinary: {"binary"}, colFragments: {"fragments"}, colPing: {"ping"},
		colMany: {"many"}, colDeflate: {"compression"}, colHandshake: {"no subprotocol"},
	}
	for _, n := range sizes {
		text, binary := fmt.Sprintf("text of %d", n), fmt.Sprintf("binary of %d", n)
		if n >= 1<<20 {
			cases[colBig] = append(cases[colBig], text, binary)
			continue
		}
		cases[colText] = append(cases[colText], text)
		cases[colBinary] = append(cases[colBinary], binary)
	}
	for _, code := range codes {
		cases[colByClient] = append(cases[colByClient], fmt.Sprintf("close %d by them", code))
		cases[colByServer] = append(cases[colByServer], fmt.Sprintf("close %d by us", code))
	}
	return cases
}()

// count returns what a cell says of n cases that have passed.
func count(n int) string {
	switch n {
	case 0:
		return "–"
	case 1:
		return "✓"
	}
	return fmt.Sprintf("✓ %d", n)
}

// list joins numbers with commas.
func list[T ~int | ~uint16](numbers []T) string {
	var words []string
	for _, n := range numbers {
		words = append(words, strconv.Itoa(int(n)))
	}
	return strings.Join(words, ",")
}
