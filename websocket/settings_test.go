package websocket

import (
	"context"
	"net"
	"reflect"
	"runtime"
	"slices"
	"testing"
	"weak"

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
		{budget: new(Budget)},
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

// TestBothSidesHaveTheSameOptions: an option of a connection, as opposed to its
// handshake, is one of AcceptOptions and of DialOptions, and neither loses it.
func TestBothSidesHaveTheSameOptions(t *testing.T) {
	ofHandshake := []string{"Subprotocols", "InsecureSkipVerify", "OriginPatterns", "CheckOrigin", "CompressionMode", "OnOpen"}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[AcceptOptions]()) {
		if slices.Contains(ofHandshake, f.Name) {
			continue
		}
		var accept AcceptOptions
		var dial DialOptions
		for _, o := range []reflect.Value{reflect.ValueOf(&accept).Elem(), reflect.ValueOf(&dial).Elem()} {
			if v := o.FieldByName(f.Name); v.IsValid() {
				fill(v)
			} else {
				t.Errorf("%v has no %s", o.Type(), f.Name)
			}
		}
		if f.Name == "OnQueue" || f.Name == "OnPingReceived" || f.Name == "OnPongReceived" {
			continue // functions do not compare
		}
		if a, d := accept.settings(), dial.settings(); a == &defaultSettings || !reflect.DeepEqual(a, d) {
			t.Errorf("%s amounts to %+v for Accept and to %+v for Dial", f.Name, a, d)
		}
	}
}

// fill gives v, and what is in it, some other value than zero.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(1)
	case reflect.Float64:
		v.SetFloat(1)
	case reflect.Func:
		v.Set(reflect.MakeFunc(v.Type(), nil))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		if o, ok := v.Interface().(*CompressionOptions); ok {
			o.Level = 1
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	}
}

// A connection with a Rate does not hold the options that it was made with: for a
// Server, each has its own.
func TestARateDoesNotHoldTheOptions(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	opts := &AcceptOptions{Rate: Rate{Messages: 1}}
	held := weak.Make(opts)
	c := serverOver(t, near, opts.settings())
	opts = nil
	for range 3 {
		runtime.GC()
	}
	if held.Value() != nil {
		t.Error("the options are held")
	}
	runtime.KeepAlive(c)
}
