//go:build gc && !purego

#include "textflag.h"

// The method is that of Keiser and Lemire, "Validating UTF-8 In Less Than One
// Instruction Per Byte" (2020). Every fault but one kind shows in two bytes
// that follow one another: three tables of 16 entries, asked with the high and
// the low half of the first and the high half of the second byte, give sets of
// faults whose intersection is what is wrong. Bits 0 to 6 are: lead byte
// without a continuation; continuation without a lead byte; three bytes that
// are too long a form; beyond U+10FFFF; surrogate; two bytes that are too long
// a form; four bytes that are, or beyond U+13FFFF. Bit 7, two continuations,
// is no fault if and only if two bytes back a lead of three or four stands, or
// three bytes back a lead of four: that is the remaining kind.

// The first byte's high half: 0-7, 8-b, c, d, e, f. The first byte's low half:
// 0, 1, 2-3, 4, 5-c, d, e-f. The second byte's high half: 0-7, 8, 9, a-b, c-f.
DATA tables<>+0(SB)/8, $0x0202020202020202
DATA tables<>+8(SB)/8, $0x4915012180808080
DATA tables<>+16(SB)/8, $0xcbcbcb8b8383a3e7
DATA tables<>+24(SB)/8, $0xcbcbdbcbcbcbcbcb
DATA tables<>+32(SB)/8, $0x0101010101010101
DATA tables<>+40(SB)/8, $0x01010101babaaee6
GLOBL tables<>(SB), RODATA|NOPTR, $48

// FAULTS adds to V16 what is wrong in the 16 bytes V that follow those of P.
// It clobbers V17 to V21. V24 to V30 are set before the first use.
#define FAULTS(V, P) \
	VEXT  $15, V.B16, P.B16, V17.B16         \
	VEXT  $14, V.B16, P.B16, V18.B16         \
	VEXT  $13, V.B16, P.B16, V19.B16         \
	VUSHR $4, V17.B16, V20.B16               \
	VAND  V27.B16, V17.B16, V17.B16          \
	VUSHR $4, V.B16, V21.B16                 \
	VTBL  V20.B16, [V24.B16], V20.B16        \
	VTBL  V17.B16, [V25.B16], V17.B16        \
	VTBL  V21.B16, [V26.B16], V21.B16        \
	VUMAX V28.B16, V18.B16, V18.B16          \
	VUMAX V29.B16, V19.B16, V19.B16          \
	VSUB  V28.B16, V18.B16, V18.B16          \
	VSUB  V29.B16, V19.B16, V19.B16          \
	VAND  V17.B16, V20.B16, V20.B16          \
	VORR  V19.B16, V18.B16, V18.B16          \
	VAND  V21.B16, V20.B16, V20.B16          \
	VAND  V30.B16, V18.B16, V18.B16          \
	VEOR  V18.B16, V20.B16, V20.B16          \
	VORR  V20.B16, V16.B16, V16.B16

// BITS sets R to the bits of V's two halves together. It clobbers R12.
#define BITS(V, R) \
	VMOV V.D[0], R   \
	VMOV V.D[1], R12 \
	ORR  R12, R, R

// func prefixNEON(p *byte, n int) int
//
// It takes n >= 32, so that a whole vector stands before the last. R2 is how
// far the bytes are found good, R1 n, R3 where R2 is in memory, and V7 the
// vector before it. Nothing is loaded beyond n, and nothing stored.
TEXT ·prefixNEON(SB), NOSPLIT, $0-24
	MOVD p+0(FP), R0
	MOVD n+8(FP), R1
	MOVD $0, R2
	MOVD R0, R3
	SUB  $64, R1, R4
	SUB  $16, R1, R5
	ADD  R0, R5, R6 // the last vector
	MOVD $0x8080808080808080, R7
	VEOR V7.B16, V7.B16, V7.B16

	// What stands before R2 ends with ASCII, or R2 is 0.
ascii64:
	CMP  R4, R2
	BGT  ascii16
	VLD1 (R3), [V0.B16, V1.B16, V2.B16, V3.B16]
	VORR V0.B16, V1.B16, V4.B16
	VORR V2.B16, V3.B16, V5.B16
	VORR V4.B16, V5.B16, V4.B16
	BITS(V4, R8)
	TST  R7, R8
	BNE  mixed
	VORR V3.B16, V3.B16, V7.B16
	ADD  $64, R2
	ADD  $64, R3
	B    ascii64

ascii16:
	CMP  R5, R2
	BGT  asciiLast
	VLD1 (R3), [V0.B16]
	BITS(V0, R8)
	TST  R7, R8
	BNE  mixed
	VORR V0.B16, V0.B16, V7.B16
	ADD  $16, R2
	ADD  $16, R3
	B    ascii16

	// The last 16 bytes; the first of them may have been looked at.
asciiLast:
	VLD1 (R6), [V0.B16]
	BITS(V0, R8)
	TST  R7, R8
	BNE  mixed
	MOVD R1, ret+16(FP)
	RET

mixed:
	MOVD  $tables<>(SB), R8
	VLD1  (R8), [V24.B16, V25.B16, V26.B16]
	VMOVI $0x0f, V27.B16
	VMOVI $0x60, V28.B16
	VMOVI $0x70, V29.B16
	VMOVI $0x80, V30.B16
	VEOR  V16.B16, V16.B16, V16.B16

check64:
	CMP  R4, R2
	BGT  check16
	VLD1 (R3), [V0.B16, V1.B16, V2.B16, V3.B16]
	FAULTS(V0, V7)
	FAULTS(V1, V0)
	FAULTS(V2, V1)
	FAULTS(V3, V2)
	VORR V3.B16, V3.B16, V7.B16
	BITS(V16, R8)
	CBNZ R8, done
	ADD  $64, R2
	ADD  $64, R3
	VORR V0.B16, V1.B16, V4.B16
	VORR V2.B16, V3.B16, V5.B16
	VORR V4.B16, V5.B16, V4.B16
	BITS(V4, R8)
	TST  R7, R8
	BEQ  ascii64
	B    check64

check16:
	CMP  R5, R2
	BGT  last
	VLD1 (R3), [V0.B16]
	FAULTS(V0, V7)
	VORR V0.B16, V0.B16, V7.B16
	BITS(V16, R8)
	CBNZ R8, done
	ADD  $16, R2
	ADD  $16, R3
	B    check16

last:
	CMP  R1, R2
	BEQ  done
	SUB  $16, R6, R8
	VLD1 (R8), [V0.B16, V1.B16]
	FAULTS(V1, V0)
	BITS(V16, R8)
	CBNZ R8, done
	MOVD R1, R2

done:
	MOVD R2, ret+16(FP)
	RET
