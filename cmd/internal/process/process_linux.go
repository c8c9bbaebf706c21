package process

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// tick is the unit of CPU time in /proc, which has been this on every
// architecture that Go runs on.
const tick = int64(1e9) / 100

// UsageOf returns what a process has used.
func UsageOf(pid int) (u Usage, err error) {
	var t unix.Timespec
	// The clock that clock_getcpuclockid(3) names: the same as the scheduler's,
	// to the nanosecond.
	if err := unix.ClockGettime(int32(^pid<<3|2), &t); err != nil {
		return Usage{}, fmt.Errorf("CPU time of process %d: %w", pid, err)
	}
	u.CPU = t.Nano()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return Usage{}, err
	}
	// The name, in brackets, may have spaces: what follows it does not.
	if fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:]); len(fields) > 12 {
		u.User, u.System = number(fields[11])*tick, number(fields[12])*tick
	}
	if pid == os.Getpid() { // with the threads that have ended
		var r unix.Rusage
		err := unix.Getrusage(unix.RUSAGE_SELF, &r)
		u.Switches = int64(r.Nvcsw) + int64(r.Nivcsw)
		return u, err
	}
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	for _, name := range tasks {
		status, _ := os.ReadFile(name) // a thread may have ended meanwhile
		u.Switches += field(status, "voluntary_ctxt_switches:") + field(status, "nonvoluntary_ctxt_switches:")
	}
	return u, nil
}

// MemoryOf returns the memory of a process.
func MemoryOf(pid int) (Memory, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	return Memory{field(status, "VmRSS:") << 10, field(status, "VmHWM:") << 10, field(status, "VmData:") << 10}, err
}

// HandlesOf returns what a process holds.
func HandlesOf(pid int) (h Handles, err error) {
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		return h, err
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	return Handles{len(open), int(field(status, "Threads:"))}, err
}

// Busy returns the CPU time that the whole machine has used, in nanoseconds.
func Busy() int64 {
	stat, _ := os.ReadFile("/proc/stat")
	line, _, _ := bytes.Cut(stat, []byte("\n"))
	fields := bytes.Fields(line)
	var sum int64
	for i, f := range fields {
		// user nice system idle iowait irq softirq steal
		if i > 0 && i <= 8 && i != 4 && i != 5 {
			sum += number(f)
		}
	}
	return sum * tick
}

// field returns the number after the name that a line begins with.
func field(status []byte, name string) int64 {
	for line := range bytes.Lines(status) {
		if rest, ok := bytes.CutPrefix(line, []byte(name)); ok {
			if words := bytes.Fields(rest); len(words) > 0 {
				return number(words[0])
			}
		}
	}
	return 0
}

func number(b []byte) int64 {
	n, _ := strconv.ParseInt(string(b), 10, 64)
	return n
}

// RaiseLimit allows as many open files as the system lets us have, and returns
// how many; 0 if that is not known.
func RaiseLimit() int {
	var l unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &l) != nil {
		return 0
	}
	if most := (unix.Rlimit{Cur: l.Max, Max: l.Max}); unix.Setrlimit(unix.RLIMIT_NOFILE, &most) == nil {
		l = most
	}
	return int(min(l.Cur, math.MaxInt32))
}

// Pause waits for so long, or less. time.Sleep waits for a millisecond at least.
func Pause(d time.Duration) {
	t := unix.NsecToTimespec(int64(d))
	unix.Nanosleep(&t, nil)
}
