package bench

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/wirews/wirews/cmd/internal/plain"
	"github.com/wirews/wirews/cmd/internal/process"
)

// Result is what a run has measured. Its JSON is what --json prints; durations
// are nanoseconds, sizes bytes.
type Result struct {
	About
	Rates
	Latency  Latency  `json:"latency_ns"`
	Lateness *Latency `json:"lateness_ns,omitempty"` // of the load generator, in an open loop
	Usage
	Failures Failures `json:"failures"`
	Course
	Stopped bool `json:"interrupted,omitempty"`

	answered bool // in the warm-up or later
}

// About says which run it was.
type About struct {
	Label   string    `json:"label,omitempty"`
	Version string    `json:"version"`
	Begun   time.Time `json:"begun"`
	Setup   Setup     `json:"setup"`
}

// Rates is how much was done.
type Rates struct {
	ConnectSeconds float64 `json:"connect_seconds"`
	Seconds        float64 `json:"seconds"` // of measuring
	// Messages that came back, or connections that were opened in the mode
	// handshake.
	Messages  int64   `json:"messages"`
	PerSecond float64 `json:"messages_per_second"`
	Megabytes float64 `json:"payload_megabytes_per_second"`
}

// Usage is what the run has cost.
type Usage struct {
	Server *Process `json:"server,omitempty"`
	Client *Process `json:"client,omitempty"`
	Others float64  `json:"others_cpus,omitempty"` // processors that other processes kept busy, with a PID
}

// Course is how the answers are distributed, over the run and by how long they took.
type Course struct {
	Series    []Second  `json:"series"`
	Spread    []Bracket `json:"distribution"`
	Histogram []Bar     `json:"histogram"`

	Stages []StageResult `json:"stages,omitempty"`
	Rooms  *Rooms        `json:"rooms,omitempty"`
}

// Setup is what was asked for.
type Setup struct {
	URL         string  `json:"url"`
	Mode        Mode    `json:"mode"`
	Raw         bool    `json:"raw,omitempty"`
	HTTP2       bool    `json:"http2,omitempty"`
	HTTP3       bool    `json:"http3,omitempty"`
	Connections int     `json:"connections"`
	RoomSize    int     `json:"room_size,omitempty"`
	InFlight    int     `json:"in_flight,omitempty"`
	Size        int     `json:"payload_bytes"`
	Kind        string  `json:"kind"`
	Fragment    int     `json:"fragment_bytes,omitempty"`
	Rate        float64 `json:"rate,omitempty"`
	Stages      string  `json:"stages,omitempty"`
	Compress    bool    `json:"compress,omitempty"`
	FreshMasks  bool    `json:"fresh_masks,omitempty"`
	Loops       int     `json:"loops"`
}

// Latency is what a histogram says.
type Latency struct {
	Count int64   `json:"count"`
	Min   int64   `json:"min"`
	Mean  float64 `json:"mean"`
	Dev   float64 `json:"stddev"`
	P50   int64   `json:"p50"`
	P75   int64   `json:"p75"`
	P90   int64   `json:"p90"`
	P99   int64   `json:"p99"`
	P999  int64   `json:"p999"`
	P9999 int64   `json:"p9999"`
	Max   int64   `json:"max"`
}

// Process is what a process has used while it was measured.
type Process struct {
	PID            int     `json:"pid,omitempty"`
	CPU            float64 `json:"cpu_ns_per_message"`
	User           float64 `json:"user_ns_per_message"`
	System         float64 `json:"system_ns_per_message"`
	CPUs           float64 `json:"cpus"` // processors that it kept busy
	Switches       float64 `json:"context_switches_per_message"`
	ResidentBefore int64   `json:"resident_bytes_before,omitempty"` // before connecting
	Resident       int64   `json:"resident_bytes,omitempty"`        // at the end
	Peak           int64   `json:"peak_resident_bytes,omitempty"`
	// In the mode idle: what a connection adds, before and after its message.
	PerConnection     float64 `json:"resident_bytes_per_connection,omitempty"`
	PerConnectionUsed float64 `json:"resident_bytes_per_connection_after_message,omitempty"`
}

// Second is a part of the run. Its length is that of the run by some number, but
// for the Rest, which are the answers that came after the last whole part: those
// that were still under way when the time was over.
type Second struct {
	At        float64 `json:"at_seconds"` // its end, since measuring began
	PerSecond float64 `json:"messages_per_second"`
	P50       int64   `json:"p50_ns"`
	P99       int64   `json:"p99_ns"`
	Max       int64   `json:"max_ns"`
	Rest      bool    `json:"rest,omitempty"`
}

// Bracket says how many answers had come within a time.
type Bracket struct {
	Percent float64 `json:"percent"`
	Count   int64   `json:"count"`
	Within  int64   `json:"within_ns"`
}

func (o Options) setup() Setup {
	if o.Mode.inRooms() {
		o.RoomSize, o.Kind = o.roomSize(), "ascii"
	}
	return Setup{
		URL: plain.URL(o.URL), Mode: o.Mode, Raw: o.Raw, HTTP2: o.HTTP2, HTTP3: o.HTTP3, Connections: o.Connections, RoomSize: o.RoomSize, InFlight: o.inFlight(), Size: o.Size,
		Kind: o.Kind, Fragment: o.Fragment, Rate: o.Rate, Stages: stagesText(o.Stages), Compress: o.Compress, FreshMasks: o.FreshMasks, Loops: o.Loops,
	}
}

func latencyOf(h *hdrhistogram.Histogram) Latency {
	at := func(percent float64) int64 { return h.ValueAtPercentile(percent) }
	return Latency{
		Count: h.TotalCount(), Min: h.Min(), Mean: h.Mean(), Dev: h.StdDev(), P50: at(50), P75: at(75), P90: at(90),
		P99: at(99), P999: at(99.9), P9999: at(99.99), Max: h.Max(),
	}
}

func spreadOf(h *hdrhistogram.Histogram) (all []Bracket) {
	if h.TotalCount() == 0 {
		return nil
	}
	for _, b := range h.CumulativeDistributionWithTicks(5) {
		all = append(all, Bracket{b.Quantile, b.Count, b.ValueAt})
	}
	return all
}

// perMessage returns what was used per message; nothing if there was none.
func perMessage(pid int, u process.Usage, messages int64, seconds float64) *Process {
	p := &Process{PID: pid, CPUs: float64(u.CPU) / 1e9 / seconds}
	if n := float64(messages); n > 0 {
		p.CPU, p.User, p.System, p.Switches = float64(u.CPU)/n, float64(u.User)/n, float64(u.System)/n, float64(u.Switches)/n
	}
	return p
}
