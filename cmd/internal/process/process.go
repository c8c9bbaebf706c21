// Package process says what a process of this machine uses: its processor time,
// memory, descriptors and threads, as the kernel counts them. It knows Linux only.
package process

// Usage is what a process has used up to now. Times are nanoseconds.
type Usage struct {
	CPU, User, System int64
	Switches          int64 // of context
}

// Since returns what was used after the earlier one.
func (u Usage) Since(e Usage) Usage {
	return Usage{u.CPU - e.CPU, u.User - e.User, u.System - e.System, u.Switches - e.Switches}
}

// Memory is that of a process, in bytes.
type Memory struct {
	Resident int64 // now
	Peak     int64 // the most that was resident since the process began
	Data     int64 // what it could write to, whether it has or not: an allocation that nobody has touched is here
}

// Handles are what a process holds of the kernel.
type Handles struct{ Descriptors, Threads int }
