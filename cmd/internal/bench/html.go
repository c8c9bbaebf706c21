package bench

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"time"
)

//go:embed report.html
var page string

var report = template.Must(template.New("report").Funcs(template.FuncMap{
	"brief":  func(ns int64) string { return brief(time.Duration(ns)) },
	"short":  short,
	"MiB":    mebibytes,
	"number": func(n float64) string { return fmt.Sprintf("%.0f", n) },
}).Parse(page))

// WriteHTML writes a page about r that needs nothing else: its charts are SVG
// inside it, and it has no script.
func (r *Result) WriteHTML(w io.Writer) error {
	return report.Execute(w, struct {
		*Result
		What   string
		Charts []chart
	}{r, r.Setup.describe(), r.charts()})
}
