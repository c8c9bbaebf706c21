package main

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/wshub"
)

// measureStalled sends to receivers of which some take nothing, and reports how
// late the others get it, and what the messages that wait cost. The queue drops the
// oldest.
func measureStalled(m measurement) error {
	s, err := listen()
	if err != nil {
		return err
	}
	defer s.close()
	var hub wshub.Hub
	var conns group[*websocket.Conn]
	opts := &websocket.AcceptOptions{Queue: &websocket.Queue{Bytes: m.bound, WhenFull: websocket.QueueDropOldest}}
	accept(s, opts, func(c *websocket.Conn) {
		conns.add(c)
		hub.Join(c, "").Subscribe("all")
	})
	r, err := startReceivers(s.addr(), m)
	if err != nil {
		return err
	}
	defer r.stop()
	if err := s.await(m.receivers); err != nil {
		return err
	}
	before := heap()
	send := func(p []byte) {
		if !m.own {
			hub.Publish("all", wshub.Text(p))
			return
		}
		for _, c := range conns.all {
			must(c.Write(context.Background(), websocket.MessageText, p))
		}
	}
	var levels []string
	for i := range m.messages {
		send(stamped(m.size))
		if err := r.await((m.receivers - m.stalled) * (headSize(m.size) + m.size)); err != nil {
			return err
		}
		if (i+1)%max(1, m.messages/5) == 0 {
			levels = append(levels, fmt.Sprintf("%d", (heap()-before)>>20))
		}
	}
	waiting, most := 0, 0
	for _, c := range conns.all {
		n := c.QueueState().Bytes
		waiting += n
		most = max(most, n)
	}
	fmt.Printf("%d receivers, %d of which take nothing; %d messages of %d bytes, own copies: %v; at most %d bytes may wait for each\n",
		m.receivers, m.stalled, m.messages, m.size, m.own, m.bound)
	fmt.Printf("heap above that of idle connections, at each fifth: %s MiB; waiting %d MiB, at most %d bytes for one\n",
		strings.Join(levels, ", "), waiting>>20, most)
	fmt.Printf("memory of the kernel's TCP: %s\n", kernelMemory())
	if m.stalled < m.receivers {
		fmt.Println("the others got a message after:", r.latencies())
	}
	return nil
}

// stamped returns a payload that begins with the time.
func stamped(size int) []byte {
	p := fmt.Appendf(nil, "%020d", time.Now().UnixNano())
	for len(p) < size {
		p = append(p, 'x')
	}
	return p[:size]
}

func heap() int64 {
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return int64(s.HeapInuse)
}

// kernelMemory returns what the kernel says of all TCP sockets of the machine.
func kernelMemory() string {
	f, err := os.Open("/proc/net/sockstat")
	if err != nil {
		return "not known"
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if _, mem, ok := strings.Cut(lines.Text(), " mem "); ok && strings.HasPrefix(lines.Text(), "TCP:") {
			return mem + " pages of 4 KiB"
		}
	}
	return "not known"
}

// quantiles returns the median, the 99th percentile and the longest, in words.
func quantiles(all []time.Duration) string {
	if len(all) == 0 {
		log.Fatal("nothing has been received")
	}
	slices.Sort(all)
	at := func(q float64) time.Duration { return all[int(q*float64(len(all)-1))].Round(10 * time.Microsecond) }
	return fmt.Sprintf("median %v, p99 %v, longest %v", at(0.5), at(0.99), at(1))
}
