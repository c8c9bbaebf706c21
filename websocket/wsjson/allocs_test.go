//go:build !race

package wsjson_test

// The race detector allocates.

import (
	"context"
	"strings"
	"testing"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wsjson"
	"github.com/wirews/wirews/websocket/wstest"
)

// Reading into a struct and writing one allocate nothing, whatever the options are and
// however long the message is.
func TestMessagesOfAStructAllocateNothing(t *testing.T) {
	type values struct {
		X, Y int
		Z    any `json:",omitempty"`
	}
	for _, k := range []wsjson.Codec{{}, {UseNumber: true}, {DisallowUnknownFields: true}, {MaxDepth: 5, MaxBytes: 50_000, UseNumber: true, DisallowUnknownFields: true}} {
		for _, pad := range []int{0, 30_000} {
			message := []byte(`{"X":1,` + strings.Repeat(" ", pad) + `"Y":2}`)
			server, client := wstest.Pipe(t, nil, nil)
			ctx := context.Background()
			var v values
			read := testing.AllocsPerRun(200, func() {
				if err := client.Write(ctx, websocket.MessageText, message); err != nil {
					t.Fatal(err)
				}
				if err := k.Read(ctx, server, &v); err != nil || v.Y != 2 {
					t.Fatal(v, err)
				}
			})
			var p []byte
			written := testing.AllocsPerRun(200, func() {
				err := k.Write(ctx, server, &v)
				if err == nil {
					_, p, err = client.ReadAppend(ctx, p[:0])
				}
				if err != nil {
					t.Fatal(err)
				}
			})
			if read != 0 || written != 0 {
				t.Errorf("%+v, %d bytes: %v allocations to read, %v to write", k, len(message), read, written)
			}
		}
	}
}

// A bomb costs the error that says so, however long it is.
func TestADepthBombIsCheapToRefuse(t *testing.T) {
	for _, size := range []int{100, 1 << 20} {
		bomb := []byte(strings.Repeat("[", size))
		var v any
		n := testing.AllocsPerRun(100, func() {
			if (wsjson.Codec{MaxDepth: 64}).Unmarshal(bomb, &v) == nil {
				t.Fatal("it is JSON")
			}
		})
		if most := 6.0; n > most {
			t.Errorf("%d bytes: %v allocations, want at most %v", size, n, most)
		}
	}
}
