package wsflate

import "github.com/wirews/wirews/wsproto"

// Budget bounds the memory that connections hold between messages for context
// takeover: windows and the tables to search them. Connections share one by
// Extension.Budget and Options.Budget. Once it is used up, [Extension] agrees on
// no context takeover for new connections, which then hold nothing; those that
// have it keep it. It is safe for concurrent use.
//
// A connection is counted from [New] to [Deflate.Close], or [Deflate.Release], with the
// most that it can ever hold. Handshakes that are under way are not counted, so
// that one that fails needs no care; a few connections more than the limit allows
// may be let in by that.
type Budget = wsproto.Budget

// NewBudget returns a [Budget] of limit bytes.
func NewBudget(limit int64) *Budget { return wsproto.NewBudget(limit) }
