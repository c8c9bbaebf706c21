package bench

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"
)

// WriteText writes r for people to read, on a terminal of so many columns; 0: elsewhere.
func (r *Result) WriteText(out io.Writer, columns int) error {
	w := new(strings.Builder)
	fmt.Fprintf(w, "%s\t%s\n", r.Setup.URL, r.Setup.describe())
	unit, each := "messages", " each way"
	if r.Setup.Mode == Handshake {
		unit = "handshakes"
	}
	if r.Setup.Mode.inRooms() {
		unit, each = "deliveries", ""
	}
	idle := r.Setup.Mode == Idle
	if fmt.Fprintf(w, "%s\t%d", unit, r.Messages); !idle {
		fmt.Fprintf(w, " in %.2f s: %s/s", r.Seconds, short(r.PerSecond))
	}
	if r.Megabytes > 0 {
		fmt.Fprintf(w, ", %.1f MB/s%s", r.Megabytes, each)
	}
	fmt.Fprintln(w)
	r.Latency.write(w, "latency")
	r.Rooms.write(w)
	if r.Lateness != nil {
		r.Lateness.write(w, "sent late by")
	}
	for i, s := range r.Stages {
		s.write(w, fmt.Sprintf("stage %d", i+1))
	}
	r.Server.write(w, "server", idle)
	if !idle {
		r.Client.write(w, "load generator", false)
	}
	if r.Others > 0.2 {
		fmt.Fprintf(w, "warning\tother processes kept %.1f processors busy\n", r.Others)
	}
	if r.Lateness != nil && r.Lateness.P99 > r.Latency.P50 && r.Lateness.Count > 0 && r.Latency.Count > 0 {
		fmt.Fprintf(w, "warning\tthe load generator itself was late: a lower rate, or more loops, measure the server\n")
	}
	f := r.Failures
	if f.Any() {
		fmt.Fprintf(w, "the server failed\t%s\n", f)
		for _, example := range f.Examples {
			fmt.Fprintf(w, "\t%s\n", example)
		}
	}
	if err := writeRows(out, w.String(), columns); err != nil {
		return err
	}
	r.writeBars(out, cmp.Or(columns, 80))
	return nil
}

func (s StageResult) write(w io.Writer, name string) {
	fmt.Fprintf(w, "%s\t%gs to %s/s: %s/s, p50 %s, p99 %s, max %s\n", name, s.Seconds, short(s.Rate), short(s.PerSecond),
		brief(time.Duration(s.Latency.P50)), brief(time.Duration(s.Latency.P99)), brief(time.Duration(s.Latency.Max)))
}

func (l Latency) write(w io.Writer, name string) {
	if l.Count == 0 {
		return
	}
	fmt.Fprintf(w, "%s\tp50 %s, p90 %s, p99 %s, p99.9 %s, p99.99 %s, max %s, mean %s\n", name,
		brief(time.Duration(l.P50)), brief(time.Duration(l.P90)), brief(time.Duration(l.P99)), brief(time.Duration(l.P999)),
		brief(time.Duration(l.P9999)), brief(time.Duration(l.Max)), brief(time.Duration(l.Mean)))
}

// write writes what p says. Of a server that has been idle only the memory
// means something.
func (p *Process) write(w io.Writer, name string, idle bool) {
	if p == nil {
		return
	}
	var parts []string
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	if idle {
		add("%.0f bytes resident a connection, %.0f after a message each", p.PerConnection, p.PerConnectionUsed)
	} else {
		add("%.0f ns of CPU a message (user %.0f, system %.0f)", p.CPU, p.User, p.System)
		add("%.2f processors", p.CPUs)
		add("%.2f context switches a message", p.Switches)
	}
	if p.Resident > 0 {
		add("%.1f MiB resident (before %.1f, peak %.1f)", mebibytes(p.Resident), mebibytes(p.ResidentBefore), mebibytes(p.Peak))
	}
	fmt.Fprintf(w, "%s\t%s\n", name, strings.Join(parts, ", "))
}

// describe says what was asked for, in a line.
func (s Setup) describe() string {
	words := []string{count(s.Connections, "connection")}
	if s.Mode == Handshake {
		words[0] = "handshakes on " + words[0] + " at once"
		return strings.Join(append(words, s.version()...), ", ")
	}
	if s.Mode.inRooms() {
		words = append(words, fmt.Sprintf("%s in rooms of %d", s.Mode, s.RoomSize))
	}
	if s.InFlight > 0 {
		words = append(words, fmt.Sprintf("%d in flight", s.InFlight))
	}
	words = append(words, fmt.Sprintf("%d bytes of %s", s.Size, s.Kind))
	if s.Fragment > 0 {
		words = append(words, fmt.Sprintf("in frames of %d", s.Fragment))
	}
	if s.Stages != "" {
		words = append(words, fmt.Sprintf("from %g messages/s by %s", s.Rate, s.Stages))
	} else if s.Rate > 0 {
		words = append(words, fmt.Sprintf("%g messages/s", s.Rate))
	}
	for _, x := range []struct {
		set  bool
		word string
	}{{s.Raw, "raw TCP"}, {s.Compress, "compressed"}, {s.FreshMasks, "fresh masks"}, {s.Mode == Idle, "idle"}} {
		if x.set {
			words = append(words, x.word)
		}
	}
	return strings.Join(append(words, s.version()...), ", ")
}

// version names what carries the connections, if they are streams.
func (s Setup) version() []string {
	switch {
	case s.HTTP2:
		return []string{"over HTTP/2"}
	case s.HTTP3:
		return []string{"over HTTP/3"}
	}
	return nil
}

// count writes a number of things that have an s when they are many.
func count[N int | int64](n N, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}

func mebibytes(n int64) float64 { return float64(n) / (1 << 20) }

// brief rounds a duration to three digits.
func brief(d time.Duration) string {
	for unit := time.Duration(1); unit <= time.Second; unit *= 10 {
		if d < 1000*unit {
			return d.Round(unit).String()
		}
	}
	return d.Round(time.Second).String()
}

// short writes a number with three digits and a unit.
func short(n float64) string {
	switch {
	case n >= 999_500:
		return fmt.Sprintf("%.3gM", n/1e6)
	case n >= 9_995:
		return fmt.Sprintf("%.3gk", n/1e3)
	}
	return fmt.Sprintf("%.0f", n)
}
