package conform

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"
)

func TestNoCasesAreNotAllOfThem(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	for _, o := range []Options{
		{Cases: []string{"7.*"}, Exclude: []string{"7.*"}},
		{Cases: []string{"20.3.*"}}, // which only clients get
	} {
		if err := JudgeServer(ctx, "ws://127.0.0.1:1/", o); !errors.Is(err, errNoCases) {
			t.Errorf("%v without %v: %v, want %v", o.Cases, o.Exclude, err, errNoCases)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := JudgeClients(ctx, l, Options{Cases: []string{"7.*"}, Exclude: []string{"7.*"}}); !errors.Is(err, errNoCases) {
		t.Errorf("clients: %v, want %v", err, errNoCases)
	}
}
