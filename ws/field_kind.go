package ws

import "github.com/wirews/wirews/httpx"

// fieldKind tells the fields that the handshake is about from all others.
type fieldKind uint8

const (
	otherField fieldKind = iota
	hostField
	upgradeField
	connectionField
	keyField
	versionField
	protocolField
	extensionsField
	originField
	contentLengthField
	transferEncodingField
	acceptField
)

// candidate is a field of the handshake.
type candidate struct {
	name string
	kind fieldKind
}

// candidates has each field at the place that its length and the lowest bit of
// its first letter, which does not depend on the case, give. It is never
// written after initialisation.
var candidates = func() (slots [64]candidate) {
	for _, c := range []candidate{
		{"Host", hostField},
		{"Origin", originField},
		{"Upgrade", upgradeField},
		{"Connection", connectionField},
		{"Content-Length", contentLengthField},
		{"Sec-WebSocket-Key", keyField},
		{"Transfer-Encoding", transferEncodingField},
		{"Sec-WebSocket-Accept", acceptField},
		{"Sec-WebSocket-Version", versionField},
		{"Sec-WebSocket-Protocol", protocolField},
		{"Sec-WebSocket-Extensions", extensionsField},
	} {
		*candidateFor([]byte(c.name), &slots) = c
	}
	return slots
}()

// candidateFor returns the only field that name, which is not empty, may be.
func candidateFor(name []byte, slots *[64]candidate) *candidate {
	return &slots[(2*uint(len(name))|uint(name[0]&1))%uint(len(slots))]
}

// matches compares as nearly all clients spell it first: that is comparing
// memory.
func (c *candidate) matches(name []byte) bool {
	return string(name) == c.name || httpx.EqualFold(name, c.name)
}

// kindOf returns the kind of name. Names from elsewhere may be empty.
func kindOf(name []byte) fieldKind {
	if len(name) == 0 {
		return otherField
	}
	if c := candidateFor(name, &candidates); len(name) == len(c.name) && c.matches(name) {
		return c.kind
	}
	return otherField
}

// fieldSet is a set of fieldKinds.
type fieldSet uint16

func setOf(kinds ...fieldKind) (s fieldSet) {
	for _, k := range kinds {
		s |= 1 << k
	}
	return s
}

// framingFields say where a response ends: nobody but us may say that.
var framingFields = setOf(contentLengthField, transferEncodingField)
