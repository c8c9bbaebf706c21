package wsproto_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// fillStats gives each number in v, which is of a Stats, another value.
func fillStats(v reflect.Value, next *int64) {
	switch v.Kind() {
	case reflect.Int64:
		*next++
		v.SetInt(*next)
	case reflect.Uint64:
		*next++
		v.SetUint(uint64(*next))
	case reflect.Struct:
		for i := range v.NumField() {
			fillStats(v.Field(i), next)
		}
	case reflect.Map:
		*next++
		v.Set(reflect.MakeMap(v.Type()))
		key := reflect.New(v.Type().Key()).Elem()
		v.SetMapIndex(key, reflect.ValueOf(*next))
	}
}

func TestStatsAddAddsAllOfIt(t *testing.T) {
	var one, sum wsproto.Stats
	fillStats(reflect.ValueOf(&one).Elem(), new(int64))
	one.RTT = wsproto.RTT{}
	one.RTT.Measured(3 * time.Millisecond)
	if sum.Add(one); !reflect.DeepEqual(sum, one) {
		t.Errorf("added to nothing: %+v, want %+v", sum, one)
	}
	sum.Add(one)
	double := func(n int64) int64 { return 2 * n }
	var want wsproto.Stats
	fillStats(reflect.ValueOf(&want).Elem(), new(int64))
	walkStats(reflect.ValueOf(&want).Elem(), double)
	want.RTT = wsproto.RTT{}
	want.RTT.Measured(3 * time.Millisecond)
	want.RTT.Measured(3 * time.Millisecond)
	if !reflect.DeepEqual(sum, want) {
		t.Errorf("added twice: %+v, want %+v", sum, want)
	}
	var again wsproto.Stats
	fillStats(reflect.ValueOf(&again).Elem(), new(int64))
	if again.RTT = one.RTT; !reflect.DeepEqual(one, again) {
		t.Errorf("what was added has become %+v: it shares memory with the sum", one)
	}
}

// walkStats replaces each number in v by f of it.
func walkStats(v reflect.Value, f func(int64) int64) {
	switch v.Kind() {
	case reflect.Int64:
		v.SetInt(f(v.Int()))
	case reflect.Uint64:
		v.SetUint(uint64(f(int64(v.Uint()))))
	case reflect.Struct:
		for i := range v.NumField() {
			walkStats(v.Field(i), f)
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			v.SetMapIndex(k, reflect.ValueOf(f(v.MapIndex(k).Int())))
		}
	}
}

func TestTrafficSubIsTheOppositeOfAdd(t *testing.T) {
	var n, zero wsproto.Traffic
	fillStats(reflect.ValueOf(&n).Elem(), new(int64))
	sum := n
	sum.Add(n)
	sum.Sub(n)
	if sum != n {
		t.Errorf("%+v, want %+v", sum, n)
	}
	if sum.Sub(n); sum != zero {
		t.Errorf("%+v, want nothing", sum)
	}
}

func TestDropsSubIsTheOppositeOfAdd(t *testing.T) {
	var n, zero wsproto.Drops
	fillStats(reflect.ValueOf(&n).Elem(), new(int64))
	sum := n
	sum.Add(n)
	sum.Sub(n)
	if sum != n || sum.Total() != n.Total() {
		t.Errorf("%+v, want %+v", sum, n)
	}
	if sum.Sub(n); sum != zero {
		t.Errorf("%+v, want nothing", sum)
	}
}

func TestTrafficRatio(t *testing.T) {
	if r := (wsproto.Traffic{Uncompressed: 300, Compressed: 100}).Ratio(); r != 3 {
		t.Errorf("ratio %v, want 3", r)
	}
	if r := (wsproto.Traffic{}).Ratio(); r != 0 {
		t.Errorf("ratio of nothing %v", r)
	}
}

func TestCloseCodesAreBounded(t *testing.T) {
	var c wsproto.CloseCodes
	for code := ws.StatusCode(4000); code < 4100; code++ {
		c.Count(code)
	}
	c.Count(4000)
	if len(c) != 65 || c[4000] != 2 || c[4063] != 1 || c[4064] != 0 || c[0] != 36 {
		t.Errorf("%d codes, %d and %d of two, and %d others", len(c), c[4000], c[4063], c[0])
	}
}

func TestEndedCountsEachWay(t *testing.T) {
	var e wsproto.Ended
	for i, by := range []wsproto.EndedBy{wsproto.EndedByPeer, wsproto.EndedByUs, wsproto.EndedByTransport, wsproto.EndedByTimeout, wsproto.EndedByViolation} {
		for range i + 1 {
			e.Count(by)
		}
	}
	e.Count(0)
	if want := (wsproto.Ended{Peer: 1, Us: 2, Transport: 3, Timeout: 4, Violation: 5}); e != want {
		t.Errorf("%+v, want %+v", e, want)
	}
}

func TestRTTBuckets(t *testing.T) {
	var one, other wsproto.RTT
	one.Measured(5 * time.Millisecond)
	one.Measured(20 * time.Second)
	other.Measured(time.Microsecond)
	one.Add(other)
	one.Add(wsproto.RTT{})
	if one.Count != 3 || one.Min != time.Microsecond || one.Max != 20*time.Second || one.Last != time.Microsecond ||
		one.Sum != 20*time.Second+5*time.Millisecond+time.Microsecond || one.Mean() != one.Sum/3 {
		t.Errorf("%+v, mean %v", one, one.Mean())
	}
	for i, b := range one.Buckets {
		want := int64(1)
		if b.AtMost >= 5*time.Millisecond {
			want = 2
		}
		if b.Count != want || i > 0 && b.AtMost <= one.Buckets[i-1].AtMost {
			t.Errorf("bucket %d: %d of at most %v, want %d", i, b.Count, b.AtMost, want)
		}
	}
	if mean := (wsproto.RTT{}).Mean(); mean != 0 {
		t.Errorf("the mean of nothing is %v", mean)
	}
}

// Dashboards are made with these names.
func TestNamesOfStatsInJSON(t *testing.T) {
	s := wsproto.Stats{Open: 1, Opened: 2, Refused: map[string]int64{"origin": 3}}
	s.Received = wsproto.Traffic{Messages: 4, Bytes: 5, Uncompressed: 6, Compressed: 7, Pings: 8, Pongs: 9}
	s.Closes = wsproto.Closes{Received: wsproto.CloseCodes{1001: 2, 1000: 1}, Sent: wsproto.CloseCodes{}}
	s.Ended = wsproto.Ended{Peer: 1, Us: 2, Transport: 3, Timeout: 4, Violation: 5}
	s.Queue = wsproto.Waiting{Messages: 1, Bytes: 2, Dropped: wsproto.Drops{Oldest: 3, Newest: 4, Replaced: 5, Expired: 6, Ended: 7}}
	s.RTT = wsproto.RTT{Count: 1, Sum: 2, Last: 3, Min: 4, Max: 5, Buckets: []wsproto.RTTBucket{{AtMost: 6, Count: 7}}}
	const want = `{"open":1,"opened":2,"refused":{"origin":3},` +
		`"received":{"messages":4,"bytes":5,"uncompressed_bytes":6,"compressed_bytes":7,"pings":8,"pongs":9},` +
		`"sent":{"messages":0,"bytes":0,"uncompressed_bytes":0,"compressed_bytes":0,"pings":0,"pongs":0},` +
		`"closes":{"received":{"1000":1,"1001":2},"sent":{}},"ended":{"peer":1,"us":2,"transport":3,"timeout":4,"violation":5},` +
		`"queue":{"messages":1,"bytes":2,"dropped":{"oldest":3,"newest":4,"replaced":5,"expired":6,"ended":7}},` +
		`"rtt":{"count":1,"sum_ns":2,"last_ns":3,"min_ns":4,"max_ns":5,"buckets":[{"at_most_ns":6,"count":7}]}}`
	got, err := json.Marshal(s)
	var back wsproto.Stats
	if err = errors.Join(err, json.Unmarshal(got, &back)); err != nil || string(got) != want || !reflect.DeepEqual(back, s) {
		t.Errorf("%s\nwant %s\nback %+v, error %v", got, want, back, err)
	}
}
