package wsutil_test

import (
	"bytes"
	"testing"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

func TestSettingsAndTheirDefaults(t *testing.T) {
	for _, tt := range []struct {
		name     string
		get      func() int64
		set      func(int64)
		standard int64
	}{
		{"MaxFrameSize", wsutil.MaxFrameSize, wsutil.SetMaxFrameSize, 0},
		{"MaxMessageSize", wsutil.MaxMessageSize, wsutil.SetMaxMessageSize, 32 << 20},
		{"PreallocLimit", wsutil.PreallocLimit, wsutil.SetPreallocLimit, 32 << 10},
	} {
		if got := tt.get(); got != tt.standard {
			t.Errorf("%s: got %d, want %d", tt.name, got, tt.standard)
		}
		tt.set(7)
		if got := tt.get(); got != 7 {
			t.Errorf("%s: got %d, want 7", tt.name, got)
		}
		tt.set(tt.standard)
	}
	if !wsutil.CheckUTF8() {
		t.Error("CheckUTF8 is false")
	}
	wsutil.SetCheckUTF8(false)
	if wsutil.CheckUTF8() {
		t.Error("CheckUTF8 is true")
	}
	wsutil.SetCheckUTF8(true)
}

func TestSetPreallocLimitPanics(t *testing.T) {
	for _, n := range []int64{0, -1} {
		if !panics(func() { wsutil.SetPreallocLimit(n) }) {
			t.Errorf("SetPreallocLimit(%d) does not panic", n)
		}
	}
}

func TestPreallocLimitChangesNoMessage(t *testing.T) {
	defer wsutil.SetPreallocLimit(wsutil.PreallocLimit())
	for _, limit := range []int64{1, 2, 3, 100, 1 << 20} {
		wsutil.SetPreallocLimit(limit)
		for _, size := range []int{0, 1, 2, 125, 126, 127, 70000} {
			conn := wstest.NewConn(clientFrame(ws.OpBinary, true, string(pattern(size))))
			p, _, err := wsutil.ReadClientData(conn)
			if !bytes.Equal(p, pattern(size)) || err != nil {
				t.Errorf("limit %d, %d bytes: got %d, %v", limit, size, len(p), err)
			}
		}
	}
}
