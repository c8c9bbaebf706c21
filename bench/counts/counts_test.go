package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCompareFindsWhatIsWorse(t *testing.T) {
	base := counts{"x", 1, 2, 3, 0, 1000}
	for name, c := range map[string]struct {
		got   counts
		worse int
		say   string
	}{
		"the same":          {base, 0, ""},
		"noise":             {counts{"x", 1, 2, 3, 0, 1029}, 0, ""},
		"an allocation":     {counts{"x", 2, 2, 3, 0, 1000}, 1, "allocations"},
		"a read and more":   {counts{"x", 1, 3, 3, 0, 1031}, 2, "reads"},
		"a write":           {counts{"x", 1, 2, 3.02, 0, 1000}, 1, "writes"},
		"a system call":     {counts{"x", 1, 2, 3, 0.2, 1000}, 1, "system calls"},
		"fewer":             {counts{"x", 0, 2, 3, 0, 900}, 0, "better"},
		"a new operation":   {counts{"y", 1, 2, 3, 0, 1000}, 2, "not in the baseline"},
		"and an old is out": {counts{"y", 1, 2, 3, 0, 1000}, 2, "not counted any more"},
	} {
		var said strings.Builder
		if n := compare([]counts{c.got}, map[string]counts{"x": base}, func(s string) { said.WriteString(s + "\n") }); n != c.worse || !strings.Contains(said.String(), c.say) || c.say == "" && said.Len() > 0 {
			t.Errorf("%s: %d worse, %q; want %d, %q", name, n, said.String(), c.worse, c.say)
		}
	}
}

func TestABaselineIsReadAsItIsWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "baseline.txt")
	all := []counts{{"a.b", 0, 1.25, 2, 0, 1234}, {"c-128", 3, 0, 0, 4.5, 5}}
	if err := os.WriteFile(file, []byte(format(all)), 0o666); err != nil {
		t.Fatal(err)
	}
	got, err := parse(file)
	if err != nil || len(got) != 2 || got["a.b"] != all[0] || got["c-128"] != all[1] {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestOperationsDoAsOftenAsTheyAreTold(t *testing.T) {
	for _, o := range operations {
		if strings.ContainsAny(o.name, " ") {
			t.Errorf("%q has a space: a line of the baseline is words", o.name)
		}
		reads, writes := o.do(10)
		if (strings.HasPrefix(o.name, "wsutil.") || strings.HasPrefix(o.name, "websocket.")) && (reads < 10 || writes < 10) {
			t.Errorf("%s: %d reads and %d writes in 10 times", o.name, reads, writes)
		}
	}
}
