package autobahn

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Report writes results, of one agent or of several.
type Report struct {
	Results []*Result
	// Role is the fuzzer's.
	Role Role
	// Time is written into the page; zero for none.
	Time time.Time
}

// Write writes index.json in the original's form, a file for each case and
// agent that it refers to, and index.html, which needs no other file. The
// directory is made if it does not exist.
func (r *Report) Write(dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	files := map[string]any{"index.json": r.index()}
	for _, result := range r.Results {
		files[result.file()] = result.original(r.Role)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		b, err := json.MarshalIndent(files[name], "", "   ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name), append(b, '\n'), 0o666); err != nil {
			return err
		}
	}
	page, err := os.Create(filepath.Join(dir, "index.html"))
	if err != nil {
		return err
	}
	defer page.Close()
	if err := r.WriteHTML(page); err != nil {
		return err
	}
	return page.Close()
}

// indexEntry is a case of an agent in index.json.
type indexEntry struct {
	Behavior        Behavior `json:"behavior"`
	BehaviorClose   Behavior `json:"behaviorClose"`
	Duration        int64    `json:"duration"` // milliseconds
	RemoteCloseCode *int     `json:"remoteCloseCode"`
	ReportFile      string   `json:"reportfile"`
}

func (r *Report) index() map[string]map[string]indexEntry {
	index := make(map[string]map[string]indexEntry)
	for _, result := range r.Results {
		if index[result.Agent] == nil {
			index[result.Agent] = make(map[string]indexEntry)
		}
		index[result.Agent][result.Case] = indexEntry{
			result.Behavior, result.BehaviorClose, result.Duration.Milliseconds(), orNull(result.Closing.RemoteCode), result.file(),
		}
	}
	return index
}

func orNull(code int) *int {
	if code == 0 {
		return nil
	}
	return &code
}

// file returns the name of the file of a result, as the original names it.
func (r *Result) file() string {
	words := strings.FieldsFunc(strings.ToLower(r.Agent), func(c rune) bool { return (c < 'a' || c > 'z') && (c < '0' || c > '9') })
	return fmt.Sprintf("%s_case_%s.json", strings.Join(words, "_"), strings.ReplaceAll(r.Case, ".", "_"))
}

// original is what the file of a result has in the original's form, as far as
// it makes sense here, with what is said in words only.
func (r *Result) original(role Role) map[string]any {
	c := find(r.Case)
	return map[string]any{
		"agent": r.Agent, "id": r.Case, "case": number(r.Case), "description": c.Sends + ".", "expectation": c.Wants + ".", "rfc": c.RFC,
		"behavior": r.Behavior, "behaviorClose": r.BehaviorClose, "result": r.Why,
		"started": r.Started.UTC().Format(time.RFC3339Nano), "duration": r.Duration.Milliseconds(),
		"expected": r.Expected, "received": r.Received, "rounds": r.Rounds,
		"isServer": role == ServerRole, "closedByMe": r.Closing.First == string(fuzzer), "droppedByMe": r.Closing.Dropped,
		"failedByMe": len(r.Closing.Violations) > 0, "violations": r.Closing.Violations,
		"wasClean": r.Closing.Clean, "wasNotCleanReason": r.Closing.WhyNot,
		"localCloseCode": orNull(r.Closing.LocalCode), "remoteCloseCode": orNull(r.Closing.RemoteCode), "remoteCloseReason": r.Closing.RemoteReason,
		"httpRequest": r.Request, "httpResponse": r.Response, "extension": r.Extension,
		"rxFrameStats": r.Arrived.Frames, "txFrameStats": r.Sent.Frames, "rxOctets": r.Arrived.Octets, "txOctets": r.Sent.Octets,
		"wirelog": r.Wire,
	}
}

// find returns the case with that ID, a case without words if there is none.
func find(id string) *Case {
	if n := number(id); n > 0 {
		return allCases()[n-1]
	}
	return &Case{ID: id}
}

// number returns the position of a case among all, counted from 1; 0 if there is
// none.
func number(id string) int {
	return 1 + slices.IndexFunc(allCases(), func(c *Case) bool { return c.ID == id })
}
