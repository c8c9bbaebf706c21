//go:build gc && !purego

#include "textflag.h"

// func xorNEON(dst, src *byte, n int, key uint32)
//
// It takes n >= 32 bytes. What does not fill the loop's turns is done by
// vectors that overlap what the loop has done: they are loaded before anything
// is stored, so that in place they still hold what was there, and stored last,
// where they store the same bytes again. So no byte outside of src[:n] is read
// and none outside of dst[:n] written. Any alignment will do for loads and
// stores of vectors. The key of a vector that begins i bytes into src is key
// turned right by 8*(i&3) bits.
TEXT ·xorNEON(SB), NOSPLIT, $0-28
	MOVD  dst+0(FP), R0
	MOVD  src+8(FP), R1
	MOVD  n+16(FP), R2
	MOVWU key+24(FP), R3

	// V8 is the key of the beginning, V9 that of the last vectors, whose place
	// modulo 4 is that of n.
	VDUP R3, V8.S4
	LSL  $3, R2, R4
	RORW R4, R3, R3
	VDUP R3, V9.S4

	CMP  $64, R2
	BHI  above64
	SUB  $32, R2, R4
	ADD  R4, R1, R5
	ADD  R4, R0, R6
	VLD1 (R1), [V0.B16, V1.B16]
	VLD1 (R5), [V2.B16, V3.B16]
	VEOR V0.B16, V8.B16, V0.B16
	VEOR V1.B16, V8.B16, V1.B16
	VEOR V2.B16, V9.B16, V2.B16
	VEOR V3.B16, V9.B16, V3.B16
	VST1 [V0.B16, V1.B16], (R0)
	VST1 [V2.B16, V3.B16], (R6)
	RET

above64:
	// The loop stops when 64 bytes or less are left: its last turn ends before
	// n. R4 is what is left for it.
	SUB  $64, R2, R4
	ADD  R4, R1, R5
	ADD  R4, R0, R6
	VLD1 (R5), [V4.B16, V5.B16, V6.B16, V7.B16]
	VEOR V4.B16, V9.B16, V4.B16
	VEOR V5.B16, V9.B16, V5.B16
	VEOR V6.B16, V9.B16, V6.B16
	VEOR V7.B16, V9.B16, V7.B16

loop:
	VLD1.P 64(R1), [V0.B16, V1.B16, V2.B16, V3.B16]
	VEOR   V0.B16, V8.B16, V0.B16
	VEOR   V1.B16, V8.B16, V1.B16
	VEOR   V2.B16, V8.B16, V2.B16
	VEOR   V3.B16, V8.B16, V3.B16
	VST1.P [V0.B16, V1.B16, V2.B16, V3.B16], 64(R0)
	SUBS   $64, R4, R4
	BGT    loop

	VST1 [V4.B16, V5.B16, V6.B16, V7.B16], (R6)
	RET
