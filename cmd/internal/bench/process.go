package bench

// usage is what a process has used up to now. Times are nanoseconds.
type usage struct {
	cpu, user, system int64
	switches          int64 // of context
}

// since returns what was used after the earlier one.
func (u usage) since(e usage) usage {
	return usage{u.cpu - e.cpu, u.user - e.user, u.system - e.system, u.switches - e.switches}
}

// memory of a process, in bytes.
type memory struct{ resident, peak int64 }
