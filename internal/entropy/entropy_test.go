package entropy_test

import (
	"sync"
	"testing"

	"github.com/wirews/wirews/internal/entropy"
)

// W10: keys come from a strong source. Uniqueness and an even spread of bits
// are what a test can see of that; a stock handed out twice would show here.
func TestMaskKeysDoNotRepeatAcrossGoroutines(t *testing.T) {
	const workers, each = 8, 2000
	keys := make([][4]byte, workers*each)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := range each {
				keys[w*each+i] = entropy.MaskKey()
			}
		})
	}
	wg.Wait()

	seen := make(map[[4]byte]bool)
	repeats := 0
	var ones [32]int
	for _, k := range keys {
		if seen[k] {
			repeats++
		}
		seen[k] = true
		for bit := range ones {
			ones[bit] += int(k[bit/8] >> (bit % 8) & 1)
		}
	}
	// 16,000 draws from 2^32 repeat 0.03 times on average; 10 would be a
	// defect with a probability beyond all doubt.
	if repeats > 10 {
		t.Errorf("%d of %d keys repeat", repeats, len(keys))
	}
	for bit, n := range ones {
		// 16 standard deviations (63 each) around the middle.
		if n < 7000 || 9000 < n {
			t.Errorf("bit %d is set in %d of %d keys", bit, n, len(keys))
		}
	}
}

func TestNoncesDiffer(t *testing.T) {
	if a, b := entropy.Nonce(), entropy.Nonce(); a == b {
		t.Error("the same nonce twice")
	}
}

func BenchmarkMaskKey(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		entropy.MaskKey()
	}
}
