package process

import (
	"os"
	"testing"
)

func TestWhatThisProcessUsesIsRead(t *testing.T) {
	pid := os.Getpid()
	before, err := HandlesOf(pid)
	if err != nil || before.Descriptors < 3 || before.Threads < 1 {
		t.Fatalf("got %+v, %v", before, err)
	}
	f, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if now, err := HandlesOf(pid); err != nil || now.Descriptors != before.Descriptors+1 {
		t.Errorf("got %+v, %v with one more file open, want %d descriptors", now, err, before.Descriptors+1)
	}
	m, err := MemoryOf(pid)
	if err != nil || m.Resident < 1<<20 || m.Peak < m.Resident || m.Data < 1<<20 {
		t.Errorf("got %+v, %v", m, err)
	}
	if u, err := UsageOf(pid); err != nil || u.CPU <= 0 {
		t.Errorf("got %+v, %v", u, err)
	}
}

func TestAProcessThatIsNotThereIsAnError(t *testing.T) {
	const none = 1 << 30 // more than the kernel's largest
	if _, err := MemoryOf(none); err == nil {
		t.Error("memory of a process that is not there")
	}
	if _, err := HandlesOf(none); err == nil {
		t.Error("descriptors of a process that is not there")
	}
	if _, err := UsageOf(none); err == nil {
		t.Error("CPU time of a process that is not there")
	}
}
