package wshub

// Start says from where a subscriber gets a topic. The zero value is from now.
type Start struct {
	// After is the position of what it has had last: it gets everything since. If
	// that is not to be had any more, there is a gap, and Last says what it gets.
	// Zero: it has had nothing.
	After Position
	// Last is how many of the latest messages it gets without a position, or after a
	// gap. With fewer kept, it gets those. One is the last value of a topic.
	Last int
}

// Replay is what there was in a topic when it was asked for.
type Replay struct {
	// Entries are from the oldest to the latest, without a hole between them.
	Entries []Entry
	// Gap says that Start.After is not zero and that not everything since is to be had:
	// the entries are the Last ones.
	Gap bool
	// From is the position that the entries are after: Start.After if there is no gap.
	From Position
	// At is the present position: nothing of the topic is between the last entry and At.
	At Position
}
