package wspoll

import (
	"github.com/wirews/wirews/internal/receipt"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsproto"
)

// What the fields of a [Server] are made of, and what its methods return. These are
// aliases of what other packages document.
type (
	// Limits bounds what one message may be.
	Limits = wsproto.Limits
	// Rate bounds what a peer may send over time.
	Rate = wsproto.Rate
	// Budget bounds what connections hold together; see [NewBudget].
	Budget = wsproto.Budget
	// KeepAlive finds out whether a silent peer is still there.
	KeepAlive = wsproto.KeepAlive
	// Queue bounds what waits for a slow peer.
	Queue = wsproto.Queue
	// QueuePolicy is what happens to a message for which a [Queue] has no room.
	QueuePolicy = wsproto.QueuePolicy
	// QueueState is how the queue of a connection is.
	QueueState = wsproto.QueueState
	// Receipt tells what has become of a message; see [Conn.Enqueue].
	Receipt = receipt.Receipt
	// PreparedMessage is a message for many connections: it is encoded and compressed
	// once for all that have agreed on the same.
	PreparedMessage = wsflate.PreparedMessage
	// ConnError says why a connection has ended.
	ConnError = wsproto.ConnError
	// Stats are the counters of a Server.
	Stats = wsproto.Stats
	// ShutdownReport says how a Shutdown has gone.
	ShutdownReport = wsproto.ShutdownReport
)

// The policies of a Queue.
const (
	// QueueBlock is QueueDropNewest here, where nobody waits for room.
	QueueBlock = wsproto.QueueBlock
	// QueueDropOldest: the messages that have waited longest give way.
	QueueDropOldest = wsproto.QueueDropOldest
	// QueueDropNewest: the message is refused with ErrQueueFull.
	QueueDropNewest = wsproto.QueueDropNewest
	// QueueKeepLatest: as QueueDropOldest; besides, a message with a key takes the
	// place of the one with the same key that waits.
	QueueKeepLatest = wsproto.QueueKeepLatest
	// QueueClose: the connection is closed with 1013, or the CloseCode of the Queue.
	QueueClose = wsproto.QueueClose
)

// What becomes of messages that a Queue does not send.
const (
	// ErrQueueFull: there was no room.
	ErrQueueFull = wsproto.ErrQueueFull
	// ErrDropped: it gave way to newer ones.
	ErrDropped = wsproto.ErrDropped
	// ErrReplaced: a newer one with the same key has taken its place.
	ErrReplaced = wsproto.ErrReplaced
	// ErrExpired: its deadline came before its turn.
	ErrExpired = wsproto.ErrExpired
	// ErrLongerThanQueue: it has more bytes than may wait.
	ErrLongerThanQueue = wsproto.ErrLongerThanQueue
)

// NewBudget returns a Budget of so many bytes.
func NewBudget(bytes int64) *Budget { return wsproto.NewBudget(bytes) }
