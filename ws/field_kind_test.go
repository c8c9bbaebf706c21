package ws

import (
	"strings"
	"testing"
)

// TestEachFieldHasItsPlace: no two fields of the handshake share a candidate.
func TestEachFieldHasItsPlace(t *testing.T) {
	kinds := map[fieldKind]string{}
	for _, c := range candidates {
		if c.name != "" {
			kinds[c.kind] = c.name
		}
	}
	for kind := hostField; kind <= acceptField; kind++ {
		name := kinds[kind]
		for _, spelled := range []string{name, strings.ToLower(name), strings.ToUpper(name)} {
			if name == "" || kindOf([]byte(spelled)) != kind {
				t.Errorf("kind %d: %q is of kind %d", kind, spelled, kindOf([]byte(spelled+"?")))
			}
		}
	}
	for _, name := range []string{"", "a", "Hosts", "Most", "Cookie", "User-Agent", strings.Repeat("x", 31), strings.Repeat("h", 36), strings.Repeat("h", 68)} {
		if kind := kindOf([]byte(name)); kind != otherField {
			t.Errorf("%q is of kind %d", name, kind)
		}
	}
}
