package bench

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestReportsSayWhatWasMeasured(t *testing.T) {
	t.Parallel()
	u := listen(t, nil, liar{}.serve)
	r := runAgainst(t, u, func(o *Options) {
		o.Rate, o.Duration, o.Label, o.PID = 1000, 600*time.Millisecond, "a <label>", pidOnLinux()
	})
	r.Failures.Examples = []string{"made <up>"}
	r.Failures.Wrong = 1
	var page, text bytes.Buffer
	if err := r.WriteHTML(&page); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"a &lt;label&gt;", "made &lt;up&gt;", "Latency by percentile", "Latency over time", "<polyline", "sent late by"} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("%q is not on the page", want)
		}
	}
	if s := page.String(); strings.Contains(s, "%!") || strings.Contains(s, "NaN") || strings.Contains(s, "Inf") || strings.Contains(s, "<script") || strings.Contains(s, "http://") || strings.Contains(s, "ZgotmplZ") {
		t.Error("the page has what should not be there")
	}
	if err := r.WriteText(&text, 0); err != nil || !strings.Contains(text.String(), " 1 with wrong answers\n") || strings.Contains(text.String(), "%!") {
		t.Errorf("%v: %s", err, text.String())
	}
	b, err := json.Marshal(r)
	var back Result
	if err != nil || json.Unmarshal(b, &back) != nil || back.Latency != r.Latency || back.Setup != r.Setup {
		t.Errorf("JSON: %v, %s", err, b)
	}
}

func TestTheReportsOfIdleConnectionsSpeakOfMemory(t *testing.T) {
	t.Parallel()
	u := listen(t, nil, liar{}.serve)
	r := runAgainst(t, u, func(o *Options) { o.Mode, o.Duration, o.Connections = Idle, 600*time.Millisecond, 3 })
	r.Server = &Process{Resident: 5 << 20, ResidentBefore: 3 << 20, Peak: 6 << 20, PerConnection: 1234, PerConnectionUsed: 5678}
	var page, text bytes.Buffer
	if err := errors.Join(r.WriteHTML(&page), r.WriteText(&text, 0)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"1234 bytes resident a connection, 5678 after a message each, 5.0 MiB resident (before 3.0, peak 6.0)", "messages"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is not in %s", want, text.String())
		}
	}
	for _, want := range []string{"5678 B", "1234 bytes a connection", "Latency by percentile"} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("%q is not on the page", want)
		}
	}
	if strings.Contains(page.String()+text.String(), "CPU") || strings.Contains(page.String(), "a second") {
		t.Error("CPU time or rate of connections that are idle")
	}
}

func TestTheBarShowsThePhases(t *testing.T) {
	var out bytes.Buffer
	p := NewBar(&out)
	p.Connecting(10, 100)
	p.Measuring(time.Second, 10*time.Second, 123_456, 1500*time.Microsecond)
	p.Measuring(10*time.Second, 10*time.Second, 99, time.Second)
	p.End()
	p.End()
	for _, want := range []string{"connecting 10/100", "123k/s, p99 1.5ms"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in %q", want, out.String())
		}
	}
}
