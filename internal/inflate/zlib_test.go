package inflate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os/exec"
	"testing"
)

// zlibAsk is a line for testdata/zlib.py: messages to deflate, or one to
// inflate.
type zlibAsk struct {
	Inflate    bool
	Messages   [][]byte
	WindowBits int

	Level, MemLevel, Strategy, Flush int
}

type zlibAnswer struct {
	Out [][]byte
	At  int // how many octets it had been given when it failed; -1: it did not
	OK  bool
}

// askZlib has one process of Python answer all.
func askZlib(t *testing.T, asks []zlibAsk) []zlibAnswer {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skipf("zlib is asked through Python: %v", err)
	}
	if out, err := exec.Command(python, "-c", "import zlib").CombinedOutput(); err != nil {
		t.Skipf("zlib is asked through Python: %v: %s", err, out)
	}
	var in, complaint bytes.Buffer
	enc := json.NewEncoder(&in)
	for _, a := range asks {
		if err := enc.Encode(a); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), python, "testdata/zlib.py")
	cmd.Stdin, cmd.Stderr = &in, &complaint
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, complaint.Bytes())
	}
	var answers []zlibAnswer
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var a zlibAnswer
		if err := dec.Decode(&a); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		answers = append(answers, a)
	}
	if len(answers) != len(asks) {
		t.Fatalf("%d answers to %d", len(answers), len(asks))
	}
	return answers
}

// zlib's Z_SYNC_FLUSH, Z_FULL_FLUSH and Z_FINISH, and its strategies up to
// Z_FIXED.
const (
	zlibSyncFlush = 2
	zlibFullFlush = 3
	zlibFinish    = 4
	zlibFixed     = 4
)

// TestZlibDeflates inflates what zlib makes at all levels, strategies, memory
// levels and windows, with takeover where its streams go on.
func TestZlibDeflates(t *testing.T) {
	var messages [][]byte
	for _, s := range samples(3000) {
		messages = append(messages, s.data)
	}
	messages = append(messages, []byte{}, messages[3], samples(40_000)[7].data, messages[6])
	var asks []zlibAsk
	add := func(level, windowBits, mem, strategy, flush int) {
		asks = append(asks, zlibAsk{Messages: messages, Level: level, WindowBits: windowBits, MemLevel: mem, Strategy: strategy, Flush: flush})
	}
	for flush := zlibSyncFlush; flush <= zlibFinish; flush++ {
		for windowBits := 9; windowBits <= 15; windowBits++ {
			add(6, windowBits, 8, 0, flush)
			add(9, windowBits, 1, 0, flush)
		}
		for level := 0; level <= 9; level++ {
			add(level, 15, 8, 0, flush)
		}
		for mem := 1; mem <= 9; mem++ {
			add(6, 15, mem, 0, flush)
		}
		for strategy := range zlibFixed + 1 {
			add(6, 15, 8, strategy, flush)
			add(1, 10, 9, strategy, flush)
		}
	}
	r := rand.New(rand.NewPCG(13, 14))
	for i, answer := range askZlib(t, asks) {
		a := asks[i]
		takeover := a.Flush != zlibFinish
		for _, room := range []int{61, 80_000} {
			f := New(a.WindowBits, takeover)
			for j, m := range answer.Out {
				got, _, err := decode(f, cut(r, m, 1+r.IntN(1+len(m))), room)
				if err != nil || !bytes.Equal(got, messages[j]) {
					t.Fatalf("level %d, %d bits, memory %d, strategy %d, flush %d, room %d, message %d: %d of %d bytes, %v",
						a.Level, a.WindowBits, a.MemLevel, a.Strategy, a.Flush, room, j, len(got), len(messages[j]), err)
				}
			}
		}
	}
}

// TestMutatedLikeZlib gives both the same messages, most of them with a fault.
// zlib finds some a little later, since it waits for several fields at once.
func TestMutatedLikeZlib(t *testing.T) {
	var asks []zlibAsk
	add := func(m []byte) {
		asks = append(asks, zlibAsk{Inflate: true, Messages: [][]byte{m}, WindowBits: 15})
	}
	mutated(t, 5, add)
	r := rand.New(rand.NewPCG(15, 16))
	for range 3000 {
		m := make([]byte, 1+r.IntN(60))
		for i := range m {
			m[i] = byte(r.Uint32())
		}
		add(m)
	}
	for _, s := range samples(40_000) {
		for _, level := range []int{1, 6} {
			m := deflate(t, level, nil, s.data)
			add(m)
			if !testing.Short() {
				m[len(m)/2] ^= 4
				add(m)
			}
		}
	}
	faults := 0
	for i, answer := range askZlib(t, asks) {
		m := asks[i].Messages[0]
		got, given, err := decode(New(15, false), octets(m), 100)
		what := fmt.Sprintf("%x: %d bytes, %v with %d; zlib: %d bytes, at %d", m[:min(len(m), 200)], len(got), err, given, len(answer.Out[0]), answer.At)
		switch {
		case (err == nil) != answer.OK:
			t.Fatal(what)
		case err == nil && !bytes.Equal(got, answer.Out[0]):
			t.Fatal(what)
		case err == nil:
		case !bytes.HasPrefix(got, answer.Out[0]):
			// Python drops what came out of the octet with the fault.
			t.Fatal(what)
		case answer.At >= 0 && given > answer.At:
			t.Fatal(what)
		default:
			faults++
		}
	}
	t.Logf("%d messages, %d with a fault", len(asks), faults)
}
