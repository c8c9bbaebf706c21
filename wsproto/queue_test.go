package wsproto_test

import (
	"math"
	"testing"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

func TestWhatAZeroQueueStandsFor(t *testing.T) {
	for _, tc := range []struct{ given, want wsproto.Queue }{
		{wsproto.Queue{}, wsproto.Queue{
			Bytes: 1 << 20, Messages: 1024, CloseCode: ws.StatusTryAgainLater,
			HighWater: 512 << 10, LowWater: 256 << 10, NotSentLowat: 32 << 10,
		}},
		{wsproto.Queue{Bytes: 1}, wsproto.Queue{
			Bytes: 1, Messages: 1024, CloseCode: 1013, HighWater: 1, LowWater: 0, NotSentLowat: 32 << 10,
		}},
		{wsproto.Queue{Bytes: -1, Messages: -1}, wsproto.Queue{
			Bytes: math.MaxInt, Messages: math.MaxInt, CloseCode: 1013,
			HighWater: math.MaxInt/2 + 1, LowWater: (math.MaxInt/2 + 1) / 2, NotSentLowat: 32 << 10,
		}},
		{wsproto.Queue{Bytes: 100, Messages: 3, WhenFull: wsproto.QueueClose, CloseCode: 4000, HighWater: 80, LowWater: 10, NotSentLowat: -1}, wsproto.Queue{
			Bytes: 100, Messages: 3, WhenFull: wsproto.QueueClose, CloseCode: 4000, HighWater: 80, LowWater: 10, NotSentLowat: -1,
		}},
	} {
		if got := tc.given.WithDefaults(); got != tc.want {
			t.Errorf("%+v becomes\n%+v, want\n%+v", tc.given, got, tc.want)
		}
	}
}

func TestWhatAFullQueueIsClosedWith(t *testing.T) {
	if code := wsproto.CloseCode(wsproto.ErrQueueFull); code != ws.StatusTryAgainLater {
		t.Errorf("code %d", code)
	}
	if by := wsproto.FaultOf(wsproto.ErrQueueFull); by != wsproto.EndedByUs {
		t.Errorf("ended by: %v", by)
	}
}
