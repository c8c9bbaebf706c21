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

// The first byte's high half: 0-7, 8-b, c, d, e, f.
DATA first_high<>+0(SB)/8, $0x0202020202020202
DATA first_high<>+8(SB)/8, $0x4915012180808080
GLOBL first_high<>(SB), RODATA|NOPTR, $16

// The first byte's low half: 0, 1, 2-3, 4, 5-c, d, e-f.
DATA first_low<>+0(SB)/8, $0xcbcbcb8b8383a3e7
DATA first_low<>+8(SB)/8, $0xcbcbdbcbcbcbcbcb
GLOBL first_low<>(SB), RODATA|NOPTR, $16

// The second byte's high half: 0-7, 8, 9, a-b, c-f.
DATA second_high<>+0(SB)/8, $0x0101010101010101
DATA second_high<>+8(SB)/8, $0x01010101babaaee6
GLOBL second_high<>(SB), RODATA|NOPTR, $16

DATA low_half<>+0(SB)/8, $0x0f0f0f0f0f0f0f0f
DATA low_half<>+8(SB)/8, $0x0f0f0f0f0f0f0f0f
GLOBL low_half<>(SB), RODATA|NOPTR, $16

// What is left of a lead of three (0xe0) or four (0xf0) above these has bit 7.
DATA lead3<>+0(SB)/8, $0x6060606060606060
DATA lead3<>+8(SB)/8, $0x6060606060606060
GLOBL lead3<>(SB), RODATA|NOPTR, $16
DATA lead4<>+0(SB)/8, $0x7070707070707070
DATA lead4<>+8(SB)/8, $0x7070707070707070
GLOBL lead4<>(SB), RODATA|NOPTR, $16

DATA bit7<>+0(SB)/8, $0x8080808080808080
DATA bit7<>+8(SB)/8, $0x8080808080808080
GLOBL bit7<>(SB), RODATA|NOPTR, $16

// func prefixVector(p *byte, n int) int
//
// It takes n >= 19.
TEXT ·prefixVector(SB), NOSPLIT, $0-24
	CMPQ n+8(FP), $35
	JLT  narrow
	CMPB ·useAVX2(SB), $0
	JEQ  narrow
	JMP  ·prefixAVX2(SB)

narrow:
	JMP ·prefixSSSE3(SB)

// FAULTS2 adds to Y0 what is wrong in the 32 bytes V, before which P1, P2 and
// P3 stand by one, two and three bytes. All are clobbered, and Y4.
#define FAULTS2(V, P1, P2, P3) \
	VPSRLW   $4, P1, Y4   \
	VPAND    Y11, Y4, Y4  \
	VPAND    Y11, P1, P1  \
	VPSRLW   $4, V, V     \
	VPAND    Y11, V, V    \
	VPSHUFB  Y4, Y8, Y4   \
	VPSHUFB  P1, Y9, P1   \
	VPSHUFB  V, Y10, V    \
	VPSUBUSB Y12, P2, P2  \
	VPSUBUSB Y13, P3, P3  \
	VPAND    P1, Y4, Y4   \
	VPOR     P3, P2, P2   \
	VPAND    V, Y4, Y4    \
	VPAND    Y14, P2, P2  \
	VPXOR    P2, Y4, Y4   \
	VPOR     Y4, Y0, Y0

// func prefixAVX2(p *byte, n int) int
//
// It takes n >= 35, so that the three bytes before the last block are there.
// R8 is how far the bytes are found good, and BX n. Loads are within R8-3 and
// n; nothing is stored.
TEXT ·prefixAVX2(SB), NOSPLIT, $0-24
	MOVQ p+0(FP), SI
	MOVQ n+8(FP), BX
	XORL R8, R8
	LEAQ -128(BX), R9  // the last place for a turn of 128
	LEAQ -32(BX), R10  // for one of 32
	CMPQ R9, $0
	JLT  ascii32

	// What stands before R8 ends with ASCII, or R8 is 0.
ascii128:
	VMOVDQU   (SI)(R8*1), Y1
	VMOVDQU   32(SI)(R8*1), Y2
	VPOR      64(SI)(R8*1), Y1, Y1
	VPOR      96(SI)(R8*1), Y2, Y2
	VPOR      Y1, Y2, Y1
	VPMOVMSKB Y1, AX
	TESTL     AX, AX
	JNZ       ascii32
	ADDQ      $128, R8
	CMPQ      R8, R9
	JLE       ascii128
	CMPQ      R8, R10
	JGT       asciiLast

ascii32:
	VMOVDQU   (SI)(R8*1), Y1
	VPMOVMSKB Y1, AX
	TESTL     AX, AX
	JNZ       mixed
	ADDQ      $32, R8
	CMPQ      R8, R10
	JLE       ascii32

	// The last 32 bytes; the first of them may have been looked at.
asciiLast:
	VMOVDQU   (SI)(R10*1), Y1
	VPMOVMSKB Y1, AX
	TESTL     AX, AX
	JNZ       mixed
	MOVQ      BX, ret+16(FP)
	VZEROUPPER
	RET

mixed:
	VBROADCASTI128 first_high<>(SB), Y8
	VBROADCASTI128 first_low<>(SB), Y9
	VBROADCASTI128 second_high<>(SB), Y10
	VBROADCASTI128 low_half<>(SB), Y11
	VBROADCASTI128 lead3<>(SB), Y12
	VBROADCASTI128 lead4<>(SB), Y13
	VBROADCASTI128 bit7<>(SB), Y14
	VPXOR          Y0, Y0, Y0
	LEAQ           -64(BX), R9
	TESTQ          R8, R8
	JNZ            check

	// Before the first bytes stand none: zeros, which are ASCII, take their
	// place.
	VMOVDQU    (SI), Y1
	VPERM2I128 $0x08, Y1, Y1, Y2  // 16 zeros and the low half
	VPALIGNR   $15, Y2, Y1, Y5
	VPALIGNR   $14, Y2, Y1, Y6
	VPALIGNR   $13, Y2, Y1, Y7
	FAULTS2(Y1, Y5, Y6, Y7)
	VPTEST     Y0, Y0
	JNZ        done
	MOVL       $32, R8

check:
	CMPQ R8, R9
	JGT  check32

check64:
	VMOVDQU (SI)(R8*1), Y1
	VMOVDQU -1(SI)(R8*1), Y5
	VMOVDQU -2(SI)(R8*1), Y6
	VMOVDQU -3(SI)(R8*1), Y7
	VMOVDQU 32(SI)(R8*1), Y2
	VPOR    Y1, Y2, Y3
	FAULTS2(Y1, Y5, Y6, Y7)
	VMOVDQU 31(SI)(R8*1), Y5
	VMOVDQU 30(SI)(R8*1), Y6
	VMOVDQU 29(SI)(R8*1), Y7
	FAULTS2(Y2, Y5, Y6, Y7)
	VPTEST  Y0, Y0
	JNZ     done
	ADDQ    $64, R8
	VPMOVMSKB Y3, AX
	TESTL   AX, AX
	JZ      asciiAgain
	CMPQ    R8, R9
	JLE     check64

check32:
	CMPQ    R8, R10
	JGT     last
	VMOVDQU (SI)(R8*1), Y1
	VMOVDQU -1(SI)(R8*1), Y5
	VMOVDQU -2(SI)(R8*1), Y6
	VMOVDQU -3(SI)(R8*1), Y7
	FAULTS2(Y1, Y5, Y6, Y7)
	VPTEST  Y0, Y0
	JNZ     done
	ADDQ    $32, R8

last:
	CMPQ    R8, BX
	JEQ     done
	VMOVDQU (SI)(R10*1), Y1
	VMOVDQU -1(SI)(R10*1), Y5
	VMOVDQU -2(SI)(R10*1), Y6
	VMOVDQU -3(SI)(R10*1), Y7
	FAULTS2(Y1, Y5, Y6, Y7)
	VPTEST  Y0, Y0
	JNZ     done
	MOVQ    BX, R8

done:
	MOVQ R8, ret+16(FP)
	VZEROUPPER
	RET

asciiAgain:
	LEAQ -128(BX), R9
	CMPQ R8, R9
	JLE  ascii128
	CMPQ R8, R10
	JLE  ascii32
	JMP  asciiLast

// FAULTS adds to X0 what is wrong in the 16 bytes V, before which P1, P2 and
// P3 stand by one, two and three bytes. All are clobbered, and X4 and X15.
#define FAULTS(V, P1, P2, P3) \
	MOVO    P1, X4  \
	PSRLW   $4, X4  \
	PAND    X11, X4 \
	PAND    X11, P1 \
	PSRLW   $4, V   \
	PAND    X11, V  \
	MOVO    X8, X15 \
	PSHUFB  X4, X15 \
	MOVO    X9, X4  \
	PSHUFB  P1, X4  \
	PAND    X4, X15 \
	MOVO    X10, X4 \
	PSHUFB  V, X4   \
	PAND    X4, X15 \
	PSUBUSB X12, P2 \
	PSUBUSB X13, P3 \
	POR     P3, P2  \
	PAND    X14, P2 \
	PXOR    P2, X15 \
	POR     X15, X0

// JFAULT jumps if X0 is not zero.
#define JFAULT(to) \
	PXOR     X4, X4    \
	PCMPEQB  X0, X4    \
	PMOVMSKB X4, AX    \
	CMPL     AX, $0xffff \
	JNE      to

// func prefixSSSE3(p *byte, n int) int
//
// It takes n >= 19. Registers are as above.
TEXT ·prefixSSSE3(SB), NOSPLIT, $0-24
	MOVQ p+0(FP), SI
	MOVQ n+8(FP), BX
	XORL R8, R8
	LEAQ -64(BX), R9
	LEAQ -16(BX), R10
	CMPQ R9, $0
	JLT  ascii16

ascii64:
	MOVOU    (SI)(R8*1), X1
	MOVOU    16(SI)(R8*1), X2
	MOVOU    32(SI)(R8*1), X3
	MOVOU    48(SI)(R8*1), X4
	POR      X2, X1
	POR      X4, X3
	POR      X3, X1
	PMOVMSKB X1, AX
	TESTL    AX, AX
	JNZ      ascii16
	ADDQ     $64, R8
	CMPQ     R8, R9
	JLE      ascii64
	CMPQ     R8, R10
	JGT      asciiLast

ascii16:
	MOVOU    (SI)(R8*1), X1
	PMOVMSKB X1, AX
	TESTL    AX, AX
	JNZ      mixed
	ADDQ     $16, R8
	CMPQ     R8, R10
	JLE      ascii16

asciiLast:
	MOVOU    (SI)(R10*1), X1
	PMOVMSKB X1, AX
	TESTL    AX, AX
	JNZ      mixed
	MOVQ     BX, ret+16(FP)
	RET

mixed:
	MOVOU first_high<>(SB), X8
	MOVOU first_low<>(SB), X9
	MOVOU second_high<>(SB), X10
	MOVOU low_half<>(SB), X11
	MOVOU lead3<>(SB), X12
	MOVOU lead4<>(SB), X13
	MOVOU bit7<>(SB), X14
	PXOR  X0, X0
	TESTQ R8, R8
	JNZ   check

	MOVOU  (SI), X1
	MOVO   X1, X5
	MOVO   X1, X6
	MOVO   X1, X7
	PSLLDQ $1, X5
	PSLLDQ $2, X6
	PSLLDQ $3, X7
	FAULTS(X1, X5, X6, X7)
	JFAULT(done)
	MOVL   $16, R8

check:
	CMPQ  R8, R10
	JGT   last
	MOVOU (SI)(R8*1), X1
	MOVOU -1(SI)(R8*1), X5
	MOVOU -2(SI)(R8*1), X6
	MOVOU -3(SI)(R8*1), X7
	MOVO  X1, X3
	FAULTS(X1, X5, X6, X7)
	JFAULT(done)
	ADDQ  $16, R8
	PMOVMSKB X3, AX
	TESTL AX, AX
	JNZ   check

	// This block was ASCII.
	CMPQ R8, R9
	JLE  ascii64
	CMPQ R8, R10
	JLE  ascii16
	JMP  asciiLast

last:
	CMPQ  R8, BX
	JEQ   done
	MOVOU (SI)(R10*1), X1
	MOVOU -1(SI)(R10*1), X5
	MOVOU -2(SI)(R10*1), X6
	MOVOU -3(SI)(R10*1), X7
	FAULTS(X1, X5, X6, X7)
	JFAULT(done)
	MOVQ  BX, R8

done:
	MOVQ R8, ret+16(FP)
	RET
