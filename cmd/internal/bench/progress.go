package bench

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
)

// NoProgress shows nothing.
type NoProgress struct{}

// Connecting does nothing.
func (NoProgress) Connecting(int, int) {}

// Measuring does nothing.
func (NoProgress) Measuring(time.Duration, time.Duration, float64, time.Duration) {}

// End does nothing.
func (NoProgress) End() {}

// bar shows a bar on a terminal.
type bar struct {
	out  io.Writer
	bar  *progressbar.ProgressBar
	what string
}

// NewBar returns a Progress that draws on a terminal.
func NewBar(terminal io.Writer) Progress { return &bar{out: terminal} }

// show draws the bar of a phase.
func (b *bar) show(phase, text string, done, of int64) {
	if b.what != phase {
		b.End()
		b.what = phase
		b.bar = progressbar.NewOptions64(of, progressbar.OptionSetWriter(b.out), progressbar.OptionSetWidth(30),
			progressbar.OptionSetPredictTime(false), progressbar.OptionClearOnFinish(), progressbar.OptionUseANSICodes(true))
	}
	b.bar.Describe(text)
	b.bar.Set64(min(done, of))
}

// Connecting shows how many connections are open.
func (b *bar) Connecting(open, of int) {
	b.show("connecting", fmt.Sprintf("connecting %d/%d", open, of), int64(open), int64(of))
}

// Measuring shows the last few figures.
func (b *bar) Measuring(done, of time.Duration, perSecond float64, p99 time.Duration) {
	text := fmt.Sprintf("%s/s, p99 %s", short(perSecond), brief(p99))
	b.show("measuring", fmt.Sprintf("%-28s", text), int64(done), int64(of))
}

// End takes the bar away.
func (b *bar) End() {
	if b.bar != nil {
		b.bar.Clear()
		b.bar = nil
	}
}
