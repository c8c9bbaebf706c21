package attack

import (
	_ "embed"
	"html/template"
	"io"

	"github.com/wirews/wirews/cmd/internal/plain"
)

//go:embed report.html
var page string

var reportPage = template.Must(template.New("report").Funcs(template.FuncMap{
	"brief": brief,
	"MiB":   func(n int64) string { return short(float64(n)/(1<<20)) + " MiB" },
	"plain": plain.Line,
	"class": func(v Verdict) string {
		if v == NotOffered {
			return "none"
		}
		return string(v)
	},
}).Parse(page))

// family is a part of the page.
type family struct {
	Name, About string
	Results     []*Result
}

// WriteHTML writes a page about r that needs nothing else, and has no script.
func (r *Report) WriteHTML(w io.Writer) error {
	var all []family
	for _, f := range families {
		part := family{Name: f.name, About: f.about}
		for _, result := range r.Results {
			if (&Attack{Name: result.Attack}).Family() == f.name {
				part.Results = append(part.Results, result)
			}
		}
		if len(part.Results) > 0 {
			all = append(all, part)
		}
	}
	var counts []struct {
		Verdict
		N int
	}
	for _, v := range verdicts {
		if n := r.Counts[v]; n > 0 {
			counts = append(counts, struct {
				Verdict
				N int
			}{v, n})
		}
	}
	return reportPage.Execute(w, struct {
		*Report
		Families []family
		Verdicts any
	}{r, all, counts})
}
