// Package wsprom shows what wirews has counted to Prometheus. It is a module of its
// own, so that package websocket needs no client of Prometheus.
//
// The metrics are, with the labels in braces:
//
//	wirews_connections_open                            connections now
//	wirews_connections_total                           handshakes that have succeeded
//	wirews_connections_ended_total{by}                 peer, us, transport, timeout or violation
//	wirews_handshakes_refused_total{reason}            the reasons are those of websocket.Counters
//	wirews_messages_total{direction}                   received or sent
//	wirews_message_bytes_total{direction}              as the program sees them: not compressed
//	wirews_uncompressed_bytes_total{direction}         of messages that went compressed, before that
//	wirews_compressed_bytes_total{direction}           and after
//	wirews_pings_total{direction}                      ping frames
//	wirews_pongs_total{direction}                      pong frames
//	wirews_close_frames_total{direction,code}          1005: without a code; 0: too many codes to list
//	wirews_queue_messages, wirews_queue_bytes          what waits for slow peers now
//	wirews_messages_dropped_total{reason}              oldest, newest, replaced, expired or ended
//	wirews_ping_rtt_seconds                            a histogram: from a ping to its pong
package wsprom

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/wirews/wirews/wsproto"
)

// Source is whatever has counted something, such as a *websocket.Counters, whose
// connections are counted together, or a single *websocket.Conn. Its Stats has to
// be safe for concurrent use.
type Source interface {
	Stats() wsproto.Stats
}

// NewCollector returns what to register with Prometheus, for it to see what source
// has counted. Nothing happens between two scrapes, and a scrape calls Stats once.
// The result is safe for concurrent use.
//
// A program with several sources gives each a label of its own:
//
//	prometheus.WrapRegistererWith(prometheus.Labels{"listener": "public"}, registry).MustRegister(wsprom.NewCollector(&public))
func NewCollector(source Source) prometheus.Collector { return collector{source} }

type collector struct{ source Source }

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("wirews_"+name, help, labels, nil)
}

var (
	open         = desc("connections_open", "Connections that are open now.")
	opened       = desc("connections_total", "Connections whose handshake has succeeded.")
	ended        = desc("connections_ended_total", "Connections that have ended, by who or what has ended them.", "by")
	refused      = desc("handshakes_refused_total", "Handshakes that have failed, by reason.", "reason")
	messages     = desc("messages_total", "Messages.", "direction")
	bytes        = desc("message_bytes_total", "Bytes of messages, as the program sees them.", "direction")
	uncompressed = desc("uncompressed_bytes_total", "Bytes of messages that went compressed, before they were.", "direction")
	compressed   = desc("compressed_bytes_total", "Bytes of messages that went compressed, after they were.", "direction")
	pings        = desc("pings_total", "Ping frames.", "direction")
	pongs        = desc("pongs_total", "Pong frames.", "direction")
	closes       = desc("close_frames_total", "Close frames, by their code.", "direction", "code")
	waiting      = desc("queue_messages", "Messages that wait for slow peers now.")
	waitingBytes = desc("queue_bytes", "Bytes of messages that wait for slow peers now.")
	dropped      = desc("messages_dropped_total", "Messages that were not sent because the peer was too slow, by reason.", "reason")
	rtt          = desc("ping_rtt_seconds", "Time from a ping to its pong.")
)

// Describe sends the description of each metric, as prometheus.Collector wants it.
func (collector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		open, opened, ended, refused, messages, bytes, uncompressed, compressed, pings, pongs, closes, waiting, waitingBytes, dropped, rtt,
	} {
		to <- d
	}
}

// Collect sends what has been counted, as prometheus.Collector wants it.
func (c collector) Collect(to chan<- prometheus.Metric) {
	s := c.source.Stats()
	m := metrics{to}
	m.gauge(open, s.Open)
	m.count(opened, s.Opened)
	m.count(ended, s.Ended.Peer, "peer")
	m.count(ended, s.Ended.Us, "us")
	m.count(ended, s.Ended.Transport, "transport")
	m.count(ended, s.Ended.Timeout, "timeout")
	m.count(ended, s.Ended.Violation, "violation")
	for reason, n := range s.Refused {
		m.count(refused, n, reason)
	}
	m.traffic(s.Received, s.Closes.Received, "received")
	m.traffic(s.Sent, s.Closes.Sent, "sent")
	m.gauge(waiting, s.Queue.Messages)
	m.gauge(waitingBytes, s.Queue.Bytes)
	m.drops(s.Queue.Dropped)
	m.roundTrips(s.RTT)
}

// metrics are sent to Prometheus.
type metrics struct{ to chan<- prometheus.Metric }

func (m metrics) gauge(d *prometheus.Desc, n int64) {
	m.to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(n))
}

func (m metrics) count(d *prometheus.Desc, n int64, labels ...string) {
	m.to <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), labels...)
}

func (m metrics) traffic(t wsproto.Traffic, codes wsproto.CloseCodes, direction string) {
	m.count(messages, t.Messages, direction)
	m.count(bytes, t.Bytes, direction)
	m.count(uncompressed, t.Uncompressed, direction)
	m.count(compressed, t.Compressed, direction)
	m.count(pings, t.Pings, direction)
	m.count(pongs, t.Pongs, direction)
	for code, n := range codes {
		m.count(closes, n, direction, strconv.Itoa(int(code)))
	}
}

func (m metrics) drops(d wsproto.Drops) {
	m.count(dropped, int64(d.Oldest), "oldest")
	m.count(dropped, int64(d.Newest), "newest")
	m.count(dropped, int64(d.Replaced), "replaced")
	m.count(dropped, int64(d.Expired), "expired")
	m.count(dropped, int64(d.Ended), "ended")
}

func (m metrics) roundTrips(r wsproto.RTT) {
	buckets := make(map[float64]uint64, len(r.Buckets))
	for _, b := range r.Buckets {
		buckets[b.AtMost.Seconds()] = uint64(b.Count)
	}
	m.to <- prometheus.MustNewConstHistogram(rtt, uint64(r.Count), r.Sum.Seconds(), buckets)
}
