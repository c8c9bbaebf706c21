//go:build linux && !purego

package pagealias

import "testing"

func TestProcessorsAreToldApart(t *testing.T) {
	for _, tc := range []struct {
		name          string
		ebx, ecx, edx uint32 // of leaf 0
		eax           uint32 // of leaf 1
		want          bool
	}{
		{"EPYC 7003, Zen 3", 0x68747541, 0x444d4163, 0x69746e65, 0x00a00f11, true},
		{"EPYC 9004, Zen 4", 0x68747541, 0x444d4163, 0x69746e65, 0x00a10f11, true},
		{"EPYC 7002, Zen 2", 0x68747541, 0x444d4163, 0x69746e65, 0x00830f10, false},
		{"EPYC 9005, Zen 5", 0x68747541, 0x444d4163, 0x69746e65, 0x00b00f21, false},
		{"Xeon, Sapphire Rapids", 0x756e6547, 0x6c65746e, 0x49656e69, 0x000806f8, false},
	} {
		answers := func(leaf, _ uint32) (eax, ebx, ecx, edx uint32) {
			if leaf == 0 {
				return 0x10, tc.ebx, tc.ecx, tc.edx
			}
			return tc.eax, 0, 0, 0
		}
		if got := zen(answers); got != tc.want {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
	if _, ebx, ecx, edx := cpuid(0, 0); ebx|ecx|edx == 0 {
		t.Error("this processor has no name")
	}
}
