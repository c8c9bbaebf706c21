package receipt_test

import (
	"context"
	"errors"
	"testing"

	"github.com/wirews/wirews/internal/receipt"
)

func TestOutcomeIsKnownOnceItIsSettled(t *testing.T) {
	boom := errors.New("boom")
	for _, want := range []error{nil, boom} {
		for _, askedBefore := range []bool{false, true} {
			var r receipt.Receipt
			if askedBefore {
				select {
				case <-r.Done():
					t.Error("done before the outcome")
				default:
				}
			}
			if _, known := r.Outcome(); known {
				t.Error("known before the outcome")
			}
			receipt.Settle(&r, want)
			<-r.Done()
			if err, known := r.Outcome(); err != want || !known {
				t.Errorf("%v, %v, want %v", err, known, want)
			}
			cancelled, cancel := context.WithCancel(context.Background())
			cancel()
			if err := r.Wait(cancelled); err != want {
				t.Errorf("Wait: %v, want %v whatever its context", err, want)
			}
		}
	}
}

func TestWaitEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var r receipt.Receipt
	if err := r.Wait(ctx); err != context.Canceled {
		t.Error(err)
	}
}

func TestASecondOutcomePanics(t *testing.T) {
	var r receipt.Receipt
	receipt.Settle(&r, nil)
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	receipt.Settle(&r, nil)
}

func TestAReceiptIsClaimedOnce(t *testing.T) {
	receipt.Claim(nil)
	var r receipt.Receipt
	receipt.Claim(&r)
	receipt.Settle(&r, nil)
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	receipt.Claim(&r)
}
