//go:build gc && !purego

#include "textflag.h"

// ALIGN is the size in bytes from which on stores are aligned; at least 160,
// so that the loop has a turn to make.
#define ALIGN 512

// Both kernels, AVX2 and SSE2, have the same shape. They take n >= 32 bytes.
// What does not fill the loop's turns is done by vectors that overlap: they are
// loaded before anything is stored, so that in place they still hold what was
// there, and stored last, where they store the same bytes again. So no byte
// outside of src[:n] is read and none outside of dst[:n] written, and there are
// no steps for rests. The key of a vector that begins i bytes into src is key
// turned right by 8*(i&3) bits; the widths of the vectors are multiples of 4.

// func xorVector(dst, src *byte, n int, key uint32)
TEXT ·xorVector(SB), NOSPLIT, $0-28
	CMPB ·useAVX2(SB), $0
	JEQ  sse2
	JMP  ·xorAVX2(SB)

sse2:
	JMP ·xorSSE2(SB)

// func xorAVX2(dst, src *byte, n int, key uint32)
TEXT ·xorAVX2(SB), NOSPLIT, $0-28
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ n+16(FP), BX
	MOVL key+24(FP), AX

	// Y8 is the key of the beginning, Y9 that of the last vectors, whose
	// place modulo 4 is that of n.
	VMOVD        AX, X8
	VPBROADCASTD X8, Y8
	MOVL         AX, DX
	MOVL         BX, CX
	SHLL         $3, CX
	RORL         CX, DX
	VMOVD        DX, X9
	VPBROADCASTD X9, Y9

	CMPQ    BX, $64
	JA      above64
	VPXOR   (SI), Y8, Y0
	VPXOR   -32(SI)(BX*1), Y9, Y1
	VMOVDQU Y0, (DI)
	VMOVDQU Y1, -32(DI)(BX*1)
	VZEROUPPER
	RET

above64:
	VPXOR   (SI), Y8, Y0
	VPXOR   -64(SI)(BX*1), Y9, Y2
	VPXOR   -32(SI)(BX*1), Y9, Y3
	CMPQ    BX, $128
	JA      above128
	VPXOR   32(SI), Y8, Y1
	VMOVDQU Y0, (DI)
	VMOVDQU Y1, 32(DI)
	VMOVDQU Y2, -64(DI)(BX*1)
	VMOVDQU Y3, -32(DI)(BX*1)
	VZEROUPPER
	RET

above128:
	VPXOR -128(SI)(BX*1), Y9, Y4
	VPXOR -96(SI)(BX*1), Y9, Y5

	// The loop goes on until 128 bytes or less are left, so that its last turn
	// ends before n. It begins at R8 = 0, or with long input, where that pays
	// for itself, at the first place behind dst that is a multiple of 32.
	XORL         R8, R8
	LEAQ         -128(BX), R9
	CMPQ         BX, $ALIGN
	JB           loop
	MOVQ         DI, CX
	ANDQ         $31, CX
	MOVQ         $32, R8
	SUBQ         CX, R8
	MOVL         R8, CX
	SHLL         $3, CX
	RORL         CX, AX
	VMOVD        AX, X8
	VPBROADCASTD X8, Y8

loop:
	VPXOR   (SI)(R8*1), Y8, Y10
	VPXOR   32(SI)(R8*1), Y8, Y11
	VPXOR   64(SI)(R8*1), Y8, Y12
	VPXOR   96(SI)(R8*1), Y8, Y13
	VMOVDQU Y10, (DI)(R8*1)
	VMOVDQU Y11, 32(DI)(R8*1)
	VMOVDQU Y12, 64(DI)(R8*1)
	VMOVDQU Y13, 96(DI)(R8*1)
	ADDQ    $128, R8
	CMPQ    R8, R9
	JB      loop

	CMPQ    BX, $ALIGN
	JB      last
	VMOVDQU Y0, (DI)

last:
	VMOVDQU Y4, -128(DI)(BX*1)
	VMOVDQU Y5, -96(DI)(BX*1)
	VMOVDQU Y2, -64(DI)(BX*1)
	VMOVDQU Y3, -32(DI)(BX*1)
	VZEROUPPER
	RET

// func xorSSE2(dst, src *byte, n int, key uint32)
TEXT ·xorSSE2(SB), NOSPLIT, $0-28
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ n+16(FP), BX
	MOVL key+24(FP), AX

	// X8 is the key of the beginning, X9 that of the last vectors.
	MOVD   AX, X8
	PSHUFD $0, X8, X8
	MOVL   AX, DX
	MOVL   BX, CX
	SHLL   $3, CX
	RORL   CX, DX
	MOVD   DX, X9
	PSHUFD $0, X9, X9

	MOVOU (SI), X0
	MOVOU -32(SI)(BX*1), X2
	MOVOU -16(SI)(BX*1), X3
	PXOR  X8, X0
	PXOR  X9, X2
	PXOR  X9, X3
	CMPQ  BX, $64
	JA    above64
	MOVOU 16(SI), X1
	PXOR  X8, X1
	MOVOU X0, (DI)
	MOVOU X1, 16(DI)
	MOVOU X2, -32(DI)(BX*1)
	MOVOU X3, -16(DI)(BX*1)
	RET

above64:
	MOVOU -64(SI)(BX*1), X4
	MOVOU -48(SI)(BX*1), X5
	PXOR  X9, X4
	PXOR  X9, X5

	// As above, with 64 bytes a turn.
	XORL   R8, R8
	LEAQ   -64(BX), R9
	CMPQ   BX, $ALIGN
	JB     loop
	MOVQ   DI, CX
	ANDQ   $15, CX
	MOVQ   $16, R8
	SUBQ   CX, R8
	MOVL   R8, CX
	SHLL   $3, CX
	RORL   CX, AX
	MOVD   AX, X8
	PSHUFD $0, X8, X8

loop:
	MOVOU (SI)(R8*1), X10
	MOVOU 16(SI)(R8*1), X11
	MOVOU 32(SI)(R8*1), X12
	MOVOU 48(SI)(R8*1), X13
	PXOR  X8, X10
	PXOR  X8, X11
	PXOR  X8, X12
	PXOR  X8, X13
	MOVOU X10, (DI)(R8*1)
	MOVOU X11, 16(DI)(R8*1)
	MOVOU X12, 32(DI)(R8*1)
	MOVOU X13, 48(DI)(R8*1)
	ADDQ  $64, R8
	CMPQ  R8, R9
	JB    loop

	CMPQ  BX, $ALIGN
	JB    last
	MOVOU X0, (DI)

last:
	MOVOU X4, -64(DI)(BX*1)
	MOVOU X5, -48(DI)(BX*1)
	MOVOU X2, -32(DI)(BX*1)
	MOVOU X3, -16(DI)(BX*1)
	RET
