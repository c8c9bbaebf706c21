package attack

import (
	"cmp"
	"slices"
)

// Verdict says how a server has taken an attack.
type Verdict string

// The verdicts, from the best to the worst.
const (
	Resisted   Verdict = "resisted"
	NotOffered Verdict = "not offered" // the server does not have what is attacked
	Untried    Verdict = "untried"     // the attack could not be made, for a reason on our side
	Lenient    Verdict = "lenient"     // it is allowed, and stricter servers are safer
	Weak       Verdict = "weak"
)

var verdicts = []Verdict{Resisted, NotOffered, Untried, Lenient, Weak}

// finding is the outcome of one look at a server.
type finding struct {
	verdict Verdict
	seen    string
}

// worst returns the worst of all findings, the first of those.
func worst(all ...finding) finding {
	if len(all) == 0 {
		return finding{Untried, "nothing was done"}
	}
	return slices.MaxFunc(all, func(a, b finding) int {
		return cmp.Compare(slices.Index(verdicts, a.verdict), slices.Index(verdicts, b.verdict))
	})
}
