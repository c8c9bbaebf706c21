package attack

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// Attack is one way to hurt a server.
type Attack struct {
	Name  string // its family and itself, as floods/ping
	Does  string // what is done
	Wants string // what the server has to do
	RFC   string // where that stands
	run   func(*trial) finding
}

// Family is the first part of the name.
func (a *Attack) Family() string {
	family, _, _ := strings.Cut(a.Name, "/")
	return family
}

// families are the tables, in the order in which they run.
var families = []struct {
	name    string
	about   string
	attacks []*Attack
}{
	{"heads", "requests that are too long, or never end", heads},
	{"slow", "handshakes and frames that hardly move", slow},
	{"smuggling", "requests that another parser on the way may read in another way", smuggling},
	{"injection", "values that would write a line of their own into the answer", injections},
	{"early", "bytes that come before the answer", early},
	{"lengths", "lengths that are declared and never come", lengths},
	{"fragments", "messages that do not end", fragments},
	{"bombs", "messages that are small until they are inflated", bombs},
	{"floods", "more than anybody needs of what costs the sender little", floods},
	{"stalled", "peers that send and do not receive", stalled},
	{"ends", "connections that end at every place where they can", ends},
	{"http2", "the same below WebSocket, if the server speaks HTTP/2", http2Attacks},
}

// All returns every attack, in the order in which they run.
func All() (all []*Attack) {
	for _, f := range families {
		all = append(all, f.attacks...)
	}
	return all
}

// Select returns the attacks whose names one of the patterns matches, or whose
// families; all if there is no pattern.
func Select(patterns []string) (chosen []*Attack, err error) {
	used := make([]bool, len(patterns))
	for _, a := range All() {
		ok := len(patterns) == 0
		for i, p := range patterns {
			for _, name := range []string{a.Name, a.Family()} {
				match, err := path.Match(p, name)
				if err != nil {
					return nil, fmt.Errorf("attack: pattern %q: %w", p, err)
				}
				if match {
					ok, used[i] = true, true
				}
			}
		}
		if ok {
			chosen = append(chosen, a)
		}
	}
	if i := slices.Index(used, false); i >= 0 {
		return nil, fmt.Errorf("attack: no attack is called %q; wirews attack --list shows them", patterns[i])
	}
	return chosen, nil
}
