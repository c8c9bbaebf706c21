package serve

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// conform runs "wirews conform" against the URL that the query has, without the cases that take
// long: those with much to send, and those of compression. It answers with the last line
// of what that prints, and keeps the report for serveReport.
func (t *trials) conform(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	target, err := url.Parse(r.URL.Query().Get("url"))
	if err != nil || target.Scheme != "ws" && target.Scheme != "wss" || target.Host == "" {
		return errors.New("a URL begins with ws:// or wss:// and has a host")
	}
	dir, err := os.MkdirTemp("", "wirews-report-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	out, err := t.run(ctx, "conform", target.String(), "--report", dir, "--exclude", "9.*,12.*,13.*")
	html, unread := os.ReadFile(filepath.Join(dir, "index.html"))
	if unread != nil { // err tells more, unless there is none
		return errors.Join(err, unread)
	}
	t.report.Store(&html)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	return json.NewEncoder(w).Encode(map[string]any{"ok": err == nil, "verdict": lines[len(lines)-1]})
}

// serveReport serves the report of the latest run. It has scripts of its own and words of the server
// that was tested, so it is none of this origin.
func (t *trials) serveReport(w http.ResponseWriter, r *http.Request) {
	html := t.report.Load()
	if html == nil || !local(r.RemoteAddr) || !local(r.Host) {
		http.Error(w, "there is no report", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Security-Policy", "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; frame-ancestors 'self'")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(*html)
}
