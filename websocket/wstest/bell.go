package wstest

// bell wakes whoever waits for something to change: they look again when it
// rings. It needs a lock around it, and no bell that nobody waits for costs
// anything. Waiting for it blocks durably, as testing/synctest has it, because
// its channel is made by whoever waits.
type bell chan struct{}

// next returns a channel that is closed when the bell rings.
func (b *bell) next() <-chan struct{} {
	if *b == nil {
		*b = make(chan struct{})
	}
	return *b
}

func (b *bell) ring() {
	if *b != nil {
		close(*b)
		*b = nil
	}
}
