package endpoint

// ring is a queue in memory that is used again. The zero value is empty.
type ring[T any] struct {
	mem  []T // its length is a power of two
	head int
	n    int
}

// keptRing is how much room a ring keeps when it is empty.
const keptRing = 8

func (r *ring[T]) len() int { return r.n }

// at returns a place, counted from the front.
func (r *ring[T]) at(i int) *T { return &r.mem[(r.head+i)&(len(r.mem)-1)] }

func (r *ring[T]) push(v T) {
	if r.n == len(r.mem) {
		mem := make([]T, max(4, 2*r.n))
		for i := range r.n {
			mem[i] = *r.at(i)
		}
		r.mem, r.head = mem, 0
	}
	r.n++
	*r.at(r.n - 1) = v
}

func (r *ring[T]) pop() T {
	p := r.at(0)
	v := *p
	*p = *new(T)
	r.head = (r.head + 1) & (len(r.mem) - 1)
	if r.n--; r.n == 0 && len(r.mem) > keptRing {
		*r = ring[T]{}
	}
	return v
}

// filter keeps those for which keep returns true, in their order.
func (r *ring[T]) filter(keep func(*T) bool) {
	kept := 0
	for i := range r.n {
		p := r.at(i)
		if !keep(p) {
			continue
		}
		if kept != i {
			*r.at(kept) = *p
		}
		kept++
	}
	for i := kept; i < r.n; i++ {
		*r.at(i) = *new(T)
	}
	if r.n = kept; r.n == 0 && len(r.mem) > keptRing {
		*r = ring[T]{}
	}
}
