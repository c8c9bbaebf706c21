//go:build linux

package hangup

// table keeps listeners under keys of which hardly any is ever used again. A
// listener costs it 24 bytes, where a map takes about 50, and it grows without
// moving what it holds.
type table struct {
	blocks []*[blockSize]slot
	free   uint32 // the first slot that is free, counted from 1; 0: none is
	used   int
}

const blockSize = 256

type slot struct {
	l    Listener
	turn uint32 // how often it has been used: the other half of the key
	next uint32 // free slot, counted from 1
}

func (t *table) add(l Listener) (key uint64) {
	if t.free == 0 {
		t.grow()
	}
	i := t.free
	s := t.slot(i)
	t.free = s.next
	s.l = l
	s.turn++
	t.used++
	return uint64(s.turn)<<32 | uint64(i)
}

// get returns nil for a key that has been removed, and for 0.
func (t *table) get(key uint64) Listener {
	if key == 0 {
		return nil
	}
	s := t.slot(uint32(key))
	if s.turn != uint32(key>>32) {
		return nil
	}
	return s.l
}

func (t *table) remove(key uint64) {
	if t.get(key) == nil {
		return
	}
	s := t.slot(uint32(key))
	s.l, s.next = nil, t.free
	t.free = uint32(key)
	t.used--
}

func (t *table) slot(i uint32) *slot { return &t.blocks[(i-1)/blockSize][(i-1)%blockSize] }

// grow adds a block of free slots, in their order.
func (t *table) grow() {
	first := uint32(len(t.blocks)*blockSize) + 1
	b := new([blockSize]slot)
	for i := range b[:blockSize-1] {
		b[i].next = first + uint32(i) + 1
	}
	t.blocks = append(t.blocks, b)
	t.free = first
}
