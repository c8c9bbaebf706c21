//go:build linux && !purego

package pagealias

func affected() bool { return zen(cpuid) }

// zen reports whether the processor with these answers is one of those.
func zen(cpuid func(leaf, subleaf uint32) (eax, ebx, ecx, edx uint32)) bool {
	return amd(cpuid(0, 0)) && family(cpuid(1, 0)) == zen3and4
}

const zen3and4 = 0x19

// cpuid is the instruction of that name.
func cpuid(leaf, subleaf uint32) (eax, ebx, ecx, edx uint32)

// amd takes the answer to leaf 0: is it "AuthenticAMD"?
func amd(_, ebx, ecx, edx uint32) bool {
	return ebx == 0x68747541 && edx == 0x69746e65 && ecx == 0x444d4163
}

// family takes the answer to leaf 1.
func family(eax, _, _, _ uint32) uint32 {
	base := eax >> 8 & 0xf
	if base == 0xf {
		base += eax >> 20 & 0xff
	}
	return base
}
