package bench

import (
	"fmt"
	"io"
	"slices"
	"time"
)

// Rooms is what was measured of connections that talk with each other. Messages of the
// Result are deliveries: what one says to a hundred counts a hundred times.
type Rooms struct {
	Rooms   int     `json:"rooms"`
	Members int     `json:"members_of_a_room"`
	Said    int64   `json:"said"`         // messages
	First   Latency `json:"first_ns"`     // until somebody has heard a message
	All     Latency `json:"everybody_ns"` // until everybody has
	// The p99 of each receiver, over all receivers.
	BestP99   int64 `json:"best_receiver_p99_ns"`
	MiddleP99 int64 `json:"middle_receiver_p99_ns"`
	WorstP99  int64 `json:"worst_receiver_p99_ns"`
	Worst     int   `json:"worst_receiver"` // its connection
}

// summary returns what was measured. The drivers have ended.
func (d *rooms) summary() *Rooms {
	p := d.said.plan.Load()
	if p == nil {
		return nil
	}
	size := d.o.roomSize()
	r := &Rooms{Rooms: (len(d.members) + size - 1) / size, Members: size}
	first, all := newHistogram(), newHistogram()
	for number := range d.said.each {
		due := p.pace.at(0, int64(number))
		one := &d.said.each[number]
		if due < p.from || due >= p.to {
			continue
		}
		r.Said++
		if n := one.heard.Load(); n > 0 {
			record(first, one.first.Load())
			if n == d.listeners(int64(number)) {
				record(all, one.last.Load())
			}
		}
	}
	r.First, r.All = latencyOf(first), latencyOf(all)
	var p99 []int64
	for _, m := range d.members {
		if m.latency.TotalCount() == 0 {
			continue
		}
		own := m.latency.ValueAtPercentile(99) * 1000
		if p99 = append(p99, own); own > r.WorstP99 {
			r.WorstP99, r.Worst = own, m.id
		}
	}
	if slices.Sort(p99); len(p99) > 0 {
		r.BestP99, r.MiddleP99 = p99[0], p99[len(p99)/2]
	}
	return r
}

// listeners returns how many have to hear the message of a number.
func (d *rooms) listeners(number int64) int32 {
	size := d.o.roomSize()
	room := d.speakers[number%int64(len(d.speakers))].room
	return int32(min(size, len(d.members)-room*size) - 1)
}

func (r *Rooms) write(w io.Writer) {
	if r == nil {
		return
	}
	fmt.Fprintf(w, "said\t%s in %s of %d, each to all others there\n", count(r.Said, "message"), count(r.Rooms, "room"), r.Members)
	if r.First.Count == 0 {
		return
	}
	r.First.write(w, "heard by one")
	r.All.write(w, "heard by all")
	fmt.Fprintf(w, "receivers\tp99 of the best %s, of the middle %s, of the worst %s (connection %d)\n",
		brief(time.Duration(r.BestP99)), brief(time.Duration(r.MiddleP99)), brief(time.Duration(r.WorstP99)), r.Worst)
}
