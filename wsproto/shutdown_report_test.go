package wsproto_test

import (
	"fmt"
	"testing"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

func TestAShutdownReportIsALine(t *testing.T) {
	end := &wsproto.ConnError{By: wsproto.EndedByUs, Code: ws.StatusGoingAway}
	ann := wsproto.Unanswered{Remote: "192.0.2.1:1", Key: "ann", Err: end}
	for want, r := range map[string]wsproto.ShutdownReport{
		"0 closed, 0 unanswered, 0 handlers still running":                                                     {},
		"3 closed, 1 unanswered, 0 handlers still running; unanswered: 192.0.2.1:1 of \"ann\": " + end.Error(): {Closed: 3, Unanswered: []wsproto.Unanswered{ann}},
		"0 closed, 2 unanswered, 1 handlers still running; the first unanswered: 192.0.2.2:2":                  {Unanswered: []wsproto.Unanswered{{Remote: "192.0.2.2:2"}, ann}, Handlers: 1},
	} {
		if got := fmt.Sprint(r); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
