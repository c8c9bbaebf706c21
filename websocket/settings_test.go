package websocket

import (
	"context"
	"reflect"
	"testing"

	"github.com/wirews/wirews/internal/endpoint"
)

// TestOnlyDefaultsAreShared: a connection without options holds no settings of
// its own, on either side, and each setting counts as one that is not default.
func TestOnlyDefaultsAreShared(t *testing.T) {
	if (&AcceptOptions{}).settings() != &defaultSettings || (&DialOptions{}).settings() != &defaultSettings {
		t.Error("options without anything set have settings of their own")
	}
	set := []settings{
		{onPing: func(context.Context, []byte) bool { return true }},
		{onPong: func(context.Context, []byte) {}},
		{readTimeout: 1},
		{writeTimeout: 1},
		{stallTimeout: 1},
		{keepAlive: KeepAlive{Interval: 1}},
		{hold: endpoint.HoldReplies},
		{threshold: 1},
		{level: 1},
		{fragments: 1},
		{controls: 1},
		{messages: new(Budget)},
		{queue: new(Queue)},
		{onQueue: func(*Conn, QueueState) {}},
		{counters: new(Counters)},
		{rate: new(Rate)},
	}
	if n := reflect.TypeFor[settings]().NumField(); n != len(set) {
		t.Errorf("%d settings are tried, there are %d", len(set), n)
	}
	for i := range set {
		got := set[i].shared()
		if got == &defaultSettings || reflect.ValueOf(*got).Field(i).IsZero() {
			t.Errorf("setting %s is lost", reflect.TypeFor[settings]().Field(i).Name)
		}
	}
}
