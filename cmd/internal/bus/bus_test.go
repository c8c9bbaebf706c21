//go:build !nobus

package bus

import (
	"errors"
	"testing"
)

func TestURLs(t *testing.T) {
	for text, want := range map[string]URL{
		"nats://h":                                  {scheme: "nats", servers: "nats://h", shown: "nats://h"},
		"nats://h:1,[::1]:2":                        {scheme: "nats", servers: "nats://h:1,nats://[::1]:2", shown: "nats://h:1,[::1]:2"},
		"jetstream://u:p@h:1,g:2?replicas=3":        {scheme: "jetstream", servers: "nats://u:p@h:1,nats://g:2", shown: "jetstream://h:1,g:2", replicas: 3},
		"redis://u:p@h:1/2?prefix=x":                {scheme: "redis", servers: "redis://u:p@h:1/2", shown: "redis://h:1/2", prefix: "x"},
		"rediss://h":                                {scheme: "rediss", servers: "rediss://h", shown: "rediss://h"},
		"nats://u:p@h?prefix=a%2eb":                 {scheme: "nats", servers: "nats://u:p@h", shown: "nats://h", prefix: "a.b"},
		"jetstream://u:p@h:1,v:q@g:2?prefix=chat-2": {scheme: "jetstream", servers: "nats://u:p@h:1,nats://v:q@g:2", shown: "jetstream://h:1,g:2", prefix: "chat-2"},
	} {
		if got, err := Parse(text); err != nil || got != want {
			t.Errorf("%q: %+v, %v; want %+v", text, got, err, want)
		}
	}
}

func TestURLsThatAreNone(t *testing.T) {
	for text, shown := range map[string]string{
		"":                               "",
		"h:4222":                         "h:4222",
		"tls://u:p@h":                    "tls://h",
		"nats://":                        "nats://",
		"nats://u:p@":                    "nats://",
		"nats://h,":                      "nats://h,",
		"nats://u:p@h:port":              "nats://h:port",
		"nats://h?replicas=3":            "nats://h",
		"jetstream://u:p@h?replicas=2":   "jetstream://h",
		"jetstream://h?replicas=three":   "jetstream://h",
		"jetstream://h?%zz":              "jetstream://h",
		"redis://h,g":                    "redis://h,g",
		"redis://u:p@h?pool_size=100000": "redis://h",
	} {
		_, err := Parse(text)
		bad, ok := errors.AsType[*Error](err)
		if !ok || bad.Shown != shown {
			t.Errorf("%q: %v, want an *Error that shows %q", text, err, shown)
		}
	}
}
