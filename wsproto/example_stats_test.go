package wsproto_test

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/wirews/wirews/wsproto"
)

// What servers on several machines have counted adds up.
func ExampleStats_Add() {
	var all wsproto.Stats
	for _, one := range []string{
		`{"open":10,"opened":300,"refused":{"origin":2},"sent":{"messages":5}}`,
		`{"open":20,"opened":500,"refused":{"origin":1,"timeout":4},"sent":{"messages":7}}`,
	} {
		var s wsproto.Stats
		if err := json.Unmarshal([]byte(one), &s); err != nil {
			fmt.Println(err)
		}
		all.Add(s)
	}
	fmt.Println(all.Open, all.Opened, all.Refused, all.Sent.Messages)
	// Output: 30 800 map[origin:3 timeout:4] 12
}

// How much came between two snapshots, and how well it was compressed.
func ExampleTraffic_Sub() {
	before := wsproto.Traffic{Messages: 100, Bytes: 5000, Uncompressed: 4000, Compressed: 1000}
	now := wsproto.Traffic{Messages: 160, Bytes: 8000, Uncompressed: 7000, Compressed: 1500}
	now.Sub(before)
	fmt.Println(now.Messages, now.Bytes, now.Ratio())
	// Output: 60 3000 6
}

func ExampleRTT_Measured() {
	var r wsproto.RTT
	for _, d := range []time.Duration{3 * time.Millisecond, 5 * time.Millisecond, 40 * time.Millisecond} {
		r.Measured(d)
	}
	fmt.Println(r.Min, r.Max, r.Mean())
	for _, b := range r.Buckets {
		if b.AtMost == 5*time.Millisecond {
			fmt.Println(b.Count, "of", r.Count, "took at most", b.AtMost)
		}
	}
	// Output:
	// 3ms 40ms 16ms
	// 2 of 3 took at most 5ms
}

// Close frames by their codes, and ends by who has caused them.
func ExampleCloseCodes_Count() {
	var codes wsproto.CloseCodes
	codes.Count(1000)
	codes.Count(4001)
	codes.Count(1000)
	var ended wsproto.Ended
	ended.Count(wsproto.EndedByPeer)
	fmt.Println(codes[1000], codes[4001], ended.Peer)
	// Output: 2 1 1
}
