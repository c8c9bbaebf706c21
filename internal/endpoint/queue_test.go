package endpoint

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/wirews/wirews/wsproto"
)

// parcel is a message that keeps its outcomes.
type parcel struct {
	id  int
	got *[]error
}

func (n parcel) Outcome(err error) { *n.got = append(*n.got, err) }

func newParcel(id int) parcel { return parcel{id, new([]error)} }

// drive is a Queue with all that was ever given to it.
type drive struct {
	q    Queue[parcel]
	all  []parcel
	sent []int
}

func newDrive(rule wsproto.Queue) *drive { return &drive{q: NewQueue[parcel](rule)} }

func (d *drive) add(size int, key string, deadline, now time.Duration) error {
	n := newParcel(len(d.all))
	d.all = append(d.all, n)
	return d.q.Add(Entry[parcel]{Message: n, Size: size, Key: key, Deadline: deadline}, now)
}

// send takes and sends up to n messages.
func (d *drive) send(n int, now time.Duration) {
	for range n {
		e := d.q.Next(now)
		if e == nil || e.Turn {
			break
		}
		d.sent = append(d.sent, e.Message.id)
		d.q.Take()
	}
	d.q.Sent()
}

// outcomes returns what became of each message, in words.
func (d *drive) outcomes() (all []string) {
	for _, n := range d.all {
		all = append(all, fmt.Sprint(*n.got))
	}
	return all
}

func TestPoliciesOfAFullQueue(t *testing.T) {
	const sent, waits = "[<nil>]", "[]"
	dropped := fmt.Sprint([]error{wsproto.ErrDropped})
	replaced := fmt.Sprint([]error{wsproto.ErrReplaced})
	for _, tc := range []struct {
		policy   wsproto.QueuePolicy
		keys     string // of messages of 10 bytes each, of which two fit
		refused  []int
		outcomes []string
		sent     []int
	}{
		{wsproto.QueueBlock, "ab", nil, []string{sent, sent}, []int{0, 1}},
		{wsproto.QueueBlock, "abc", []int{2}, []string{sent, sent, waits}, []int{0, 1}},
		{wsproto.QueueClose, "abc", []int{2}, []string{sent, sent, waits}, []int{0, 1}},
		{wsproto.QueueDropNewest, "abcd", []int{2, 3}, []string{sent, sent, waits, waits}, []int{0, 1}},
		{wsproto.QueueDropOldest, "abcd", nil, []string{dropped, dropped, sent, sent}, []int{2, 3}},
		{wsproto.QueueDropOldest, "aaa", nil, []string{dropped, sent, sent}, []int{1, 2}},
		{wsproto.QueueKeepLatest, "aba", nil, []string{replaced, sent, sent}, []int{2, 1}},
		{wsproto.QueueKeepLatest, "abc", nil, []string{dropped, sent, sent}, []int{1, 2}},
		{wsproto.QueueKeepLatest, "aaaa", nil, []string{replaced, replaced, replaced, sent}, []int{3}},
	} {
		d := newDrive(wsproto.Queue{Bytes: 20, WhenFull: tc.policy})
		var refused []int
		for i, key := range tc.keys {
			if err := d.add(10, string(key), 0, 0); err == wsproto.ErrQueueFull {
				refused = append(refused, i)
			} else if err != nil {
				t.Fatal(err)
			}
		}
		d.send(10, 0)
		if !slices.Equal(refused, tc.refused) || !slices.Equal(d.outcomes(), tc.outcomes) || !slices.Equal(d.sent, tc.sent) {
			t.Errorf("%v, %q: refused %v, want %v; outcomes %v, want %v; sent %v, want %v",
				tc.policy, tc.keys, refused, tc.refused, d.outcomes(), tc.outcomes, d.sent, tc.sent)
		}
	}
}

func TestAMessageLongerThanTheQueueIsRefusedByEveryPolicy(t *testing.T) {
	for policy := wsproto.QueueBlock; policy <= wsproto.QueueClose; policy++ {
		d := newDrive(wsproto.Queue{Bytes: 20, WhenFull: policy})
		d.add(20, "a", 0, 0)
		if err := d.add(21, "a", 0, 0); err != wsproto.ErrLongerThanQueue || len(*d.all[0].got) != 0 {
			t.Errorf("%v: %v, and the one that waits: %v", policy, err, d.outcomes()[0])
		}
	}
}

func TestALatestMessageThatDoesNotFitGoesToTheEnd(t *testing.T) {
	d := newDrive(wsproto.Queue{Bytes: 20, WhenFull: wsproto.QueueKeepLatest})
	d.add(5, "a", 0, 0)
	d.add(10, "b", 0, 0)
	if err := d.add(15, "a", 0, 0); err != nil {
		t.Fatal(err)
	}
	d.send(3, 0)
	if !slices.Equal(d.sent, []int{2}) || d.q.Drops() != (wsproto.Drops{Replaced: 1, Oldest: 1}) {
		t.Errorf("sent %v, %+v", d.sent, d.q.Drops())
	}
}

func TestDeadlines(t *testing.T) {
	d := newDrive(wsproto.Queue{Messages: 3, WhenFull: wsproto.QueueDropNewest})
	d.add(1, "", 30, 0)
	d.add(1, "", 20, 0)
	d.add(1, "", 0, 0)
	if next := d.q.Expire(0); next != 20 {
		t.Errorf("the next deadline is %d", next)
	}
	if err := d.add(1, "", 0, 19); err != wsproto.ErrQueueFull {
		t.Errorf("before the deadline: %v", err)
	}
	if err := d.add(1, "", 0, 20); err != nil {
		t.Errorf("room of a message whose deadline has come: %v", err)
	}
	d.send(5, 30)
	if want := []int{2, 4}; !slices.Equal(d.sent, want) || d.q.Drops().Expired != 2 {
		t.Errorf("sent %v, want %v; %+v", d.sent, want, d.q.Drops())
	}
	if next := d.q.Expire(30); next != 0 {
		t.Errorf("nothing waits, and the next deadline is %d", next)
	}
}

func TestNothingPassesATurn(t *testing.T) {
	d := newDrive(wsproto.Queue{Messages: 2, WhenFull: wsproto.QueueDropOldest})
	turn := newParcel(-1)
	d.add(1, "", 0, 0)
	d.q.Add(Entry[parcel]{Message: turn, Turn: true}, 0)
	for range 4 {
		d.add(1, "", 0, 0)
	}
	d.send(9, 0)
	if len(d.sent) != 0 || len(*turn.got) != 0 {
		t.Fatalf("sent %v, the turn got %v", d.sent, *turn.got)
	}
	mine := func(n parcel) bool { return n.id == -1 }
	if !d.q.EndTurn(mine) || d.q.EndTurn(mine) {
		t.Error("a turn ends once")
	}
	d.send(9, 0)
	if want := []int{3, 4}; !slices.Equal(d.sent, want) {
		t.Errorf("sent %v, want %v", d.sent, want)
	}
}

func TestTheEndIsTheOutcomeOfAllThatWaits(t *testing.T) {
	d := newDrive(wsproto.Queue{})
	for range 3 {
		d.add(1, "", 0, 0)
	}
	turn := newParcel(-1)
	d.q.Add(Entry[parcel]{Message: turn, Turn: true}, 0)
	d.q.Next(0)
	d.q.Take()
	boom := errors.New("boom")
	d.q.End(boom)
	d.q.Sent()
	for i, got := range append(d.outcomes(), fmt.Sprint(*turn.got)) {
		if got != "[boom]" {
			t.Errorf("%d: %v", i, got)
		}
	}
	if m, b := d.q.Waiting(); m != 0 || b != 0 || !d.q.Empty() || d.q.Drops().Ended != 3 {
		t.Errorf("%d messages of %d bytes wait; %+v", m, b, d.q.Drops())
	}
}

func TestHighAndLowWater(t *testing.T) {
	d := newDrive(wsproto.Queue{HighWater: 30, LowWater: 10})
	for i, want := range []bool{false, false, true, true} {
		if d.add(10, "", 0, 0); d.q.High() != want {
			t.Errorf("after %d messages: high is %v", i+1, d.q.High())
		}
	}
	for i, want := range []bool{true, true, false, false} {
		if d.send(1, 0); d.q.High() != want {
			t.Errorf("%d sent: high is %v", i+1, d.q.High())
		}
	}
}

// A Queue does what a list does that is gone through from its beginning for
// everything: whatever happens, each message has one outcome, what waits is never
// more than it may be, and order is kept.
func FuzzQueue(f *testing.F) {
	for policy := range uint8(5) {
		f.Add(policy, uint64(1), uint16(300))
	}
	f.Fuzz(func(t *testing.T, policy uint8, seed uint64, steps uint16) {
		rule := wsproto.Queue{Bytes: 100, Messages: 6, WhenFull: wsproto.QueuePolicy(policy % 5)}
		d, m := newDrive(rule), &plainQueue{rule: rule}
		r := rand.New(rand.NewPCG(seed, 0))
		now := time.Duration(0)
		for range steps % 2000 {
			switch r.IntN(6) {
			default:
				size, key, deadline := r.IntN(110), string("abcd"[r.IntN(4)]), time.Duration(0)
				if r.IntN(3) == 0 {
					key = ""
				}
				if r.IntN(4) == 0 {
					deadline = now + time.Duration(1+r.IntN(20))
				}
				got, want := d.add(size, key, deadline, now), m.add(size, key, deadline, now)
				if got != want {
					t.Fatalf("Add: %v, want %v", got, want)
				}
			case 4:
				n := r.IntN(4)
				d.send(n, now)
				m.send(n, now)
			case 5:
				now += time.Duration(r.IntN(10))
			}
			messages, bytes := d.q.Waiting()
			if wantMessages, wantBytes := m.size(); messages != wantMessages || bytes != wantBytes {
				t.Fatalf("%d messages and %d bytes wait, want %d and %d", messages, bytes, wantMessages, wantBytes)
			}
			if messages > rule.Messages || bytes > rule.Bytes {
				t.Fatalf("%d messages and %d bytes wait", messages, bytes)
			}
		}
		if !slices.Equal(d.sent, m.sent) || !slices.Equal(d.outcomes(), m.outcomes()) {
			t.Fatalf("sent %v, want %v\noutcomes %v\nwant %v", d.sent, m.sent, d.outcomes(), m.outcomes())
		}
	})
}

// plainQueue is the policies in their plainest form.
type plainQueue struct {
	rule    wsproto.Queue
	waiting []plainEntry
	got     []error // per message; nil: none
	known   []bool
	sent    []int
}

type plainEntry struct {
	id, size int
	key      string
	deadline time.Duration
}

func (m *plainQueue) size() (messages, bytes int) {
	for _, e := range m.waiting {
		bytes += e.size
	}
	return len(m.waiting), bytes
}

func (m *plainQueue) fits(size int) bool {
	messages, bytes := m.size()
	return messages < m.rule.Messages && bytes+size <= m.rule.Bytes
}

func (m *plainQueue) out(i int, err error) {
	id := m.waiting[i].id
	m.got[id], m.known[id] = err, true
	m.waiting = slices.Delete(m.waiting, i, i+1)
}

func (m *plainQueue) expire(now time.Duration) {
	for i := 0; i < len(m.waiting); {
		if e := m.waiting[i]; e.deadline != 0 && e.deadline <= now {
			m.out(i, wsproto.ErrExpired)
		} else {
			i++
		}
	}
}

func (m *plainQueue) add(size int, key string, deadline, now time.Duration) error {
	e := plainEntry{len(m.got), size, key, deadline}
	m.got, m.known = append(m.got, nil), append(m.known, false)
	if size > m.rule.Bytes {
		return wsproto.ErrLongerThanQueue
	}
	if m.rule.WhenFull == wsproto.QueueKeepLatest && key != "" {
		for i, old := range m.waiting {
			if old.key != key {
				continue
			}
			_, bytes := m.size()
			m.out(i, wsproto.ErrReplaced)
			if bytes-old.size+size <= m.rule.Bytes {
				m.waiting = slices.Insert(m.waiting, i, e)
				return nil
			}
			break
		}
	}
	if !m.fits(size) {
		m.expire(now)
	}
	for !m.fits(size) {
		if p := m.rule.WhenFull; p != wsproto.QueueDropOldest && p != wsproto.QueueKeepLatest {
			return wsproto.ErrQueueFull
		}
		m.out(0, wsproto.ErrDropped)
	}
	m.waiting = append(m.waiting, e)
	return nil
}

func (m *plainQueue) send(n int, now time.Duration) {
	for ; n > 0 && len(m.waiting) > 0; n-- {
		if e := m.waiting[0]; e.deadline != 0 && e.deadline <= now {
			m.expire(now)
		}
		if len(m.waiting) == 0 {
			return
		}
		m.sent = append(m.sent, m.waiting[0].id)
		m.out(0, nil)
	}
}

func (m *plainQueue) outcomes() (all []string) {
	for i, err := range m.got {
		if m.known[i] {
			all = append(all, fmt.Sprint([]error{err}))
		} else {
			all = append(all, "[]")
		}
	}
	return all
}

func TestAQueueThatIsUsedAgainDoesNotAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	q := NewQueue[parcel](wsproto.Queue{})
	n := newParcel(0)
	*n.got = make([]error, 0, 10)
	if allocs := testing.AllocsPerRun(100, func() {
		*n.got = (*n.got)[:0]
		for range 3 {
			q.Add(Entry[parcel]{Message: n, Size: 1}, 0)
		}
		for q.Next(0) != nil {
			q.Take()
		}
		q.Sent()
	}); allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}
