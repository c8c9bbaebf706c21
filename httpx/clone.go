package httpx

import "slices"

// Clone returns a copy of r in memory of its own.
func (r Request) Clone() *Request {
	return &Request{
		Method:  slices.Clone(r.Method),
		Target:  slices.Clone(r.Target),
		Version: r.Version,
		Fields:  r.Fields.Clone(),
	}
}

// Clone returns a copy of f in memory of its own, in two allocations.
func (f Fields) Clone() Fields {
	size := 0
	for i := range f {
		size += len(f[i].Name) + len(f[i].Value)
	}
	b := make([]byte, 0, size)
	keep := func(p []byte) []byte {
		b = append(b, p...)
		return b[len(b)-len(p) : len(b) : len(b)]
	}
	c := make(Fields, len(f))
	for i := range f {
		c[i] = Field{Name: keep(f[i].Name), Value: keep(f[i].Value)}
	}
	return c
}
