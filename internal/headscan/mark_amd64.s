//go:build gc && !purego

#include "textflag.h"

// Each of the first 128 bytes is a bit: its high half says which, its low half
// where to look for it. For bytes from 0x80 up both tables give 0.

// The bytes of a token.
DATA token<>+0(SB)/8, $0xfcfcfcfcfcf8fce8
DATA token<>+8(SB)/8, $0x70f454d054f4f8f8
GLOBL token<>(SB), RODATA|NOPTR, $16

// The bytes that cannot be in the text of a field.
DATA control<>+0(SB)/8, $0x0303030303030303
DATA control<>+8(SB)/8, $0x8303030303030203
GLOBL control<>(SB), RODATA|NOPTR, $16

DATA bit<>+0(SB)/8, $0x8040201008040201
DATA bit<>+8(SB)/8, $0x0000000000000000
GLOBL bit<>(SB), RODATA|NOPTR, $16

DATA low_half<>+0(SB)/8, $0x0f0f0f0f0f0f0f0f
DATA low_half<>+8(SB)/8, $0x0f0f0f0f0f0f0f0f
GLOBL low_half<>(SB), RODATA|NOPTR, $16

// MARK32 sets R to the marks of the bytes that end tokens and S to those of the
// bytes that do not end text, of 32 bytes at off.
#define MARK32(off, R, S) \
	VMOVDQU   off(SI)(R8*1), Y0 \
	VPSRLW    $4, Y0, Y1        \
	VPAND     Y11, Y1, Y1       \
	VPSHUFB   Y1, Y10, Y1       \
	VPSHUFB   Y0, Y8, Y2        \
	VPSHUFB   Y0, Y9, Y3        \
	VPAND     Y1, Y2, Y2        \
	VPAND     Y1, Y3, Y3        \
	VPCMPEQB  Y12, Y2, Y2       \
	VPCMPEQB  Y12, Y3, Y3       \
	VPMOVMSKB Y2, R             \
	VPMOVMSKB Y3, S

// MARK64 sets AX to the marks of the bytes that end tokens and CX to those of
// the bytes that end text, of the 64 bytes at R8.
#define MARK64 \
	MARK32(0, AX, CX)  \
	MARK32(32, DX, R9) \
	SHLQ $32, DX       \
	SHLQ $32, R9       \
	ORQ  DX, AX        \
	ORQ  R9, CX        \
	NOTQ CX

// func markAVX2(b *byte, n int, token, text *uint64)
//
// It takes n >= 64. The last n%64 bytes are marked with those before them and
// shifted into place. Loads are within n; (n+63)/64 words are stored to each
// of token and text.
TEXT ·markAVX2(SB), NOSPLIT, $0-32
	MOVQ b+0(FP), SI
	MOVQ n+8(FP), BX
	MOVQ token+16(FP), DI
	MOVQ text+24(FP), R10

	VBROADCASTI128 token<>(SB), Y8
	VBROADCASTI128 control<>(SB), Y9
	VBROADCASTI128 bit<>(SB), Y10
	VBROADCASTI128 low_half<>(SB), Y11
	VPXOR          Y12, Y12, Y12
	XORL           R8, R8
	LEAQ           -64(BX), R11

loop:
	MARK64
	MOVQ AX, (DI)
	MOVQ CX, (R10)
	ADDQ $8, DI
	ADDQ $8, R10
	ADDQ $64, R8
	CMPQ R8, R11
	JLE  loop

	CMPQ R8, BX
	JEQ  done
	MOVQ R11, R8
	MARK64
	MOVQ AX, R12
	MOVQ CX, R13
	MOVQ BX, CX
	NEGQ CX          // 64-n%64, as a shift takes it
	SHRQ CX, R12
	SHRQ CX, R13
	MOVQ R12, (DI)
	MOVQ R13, (R10)

done:
	VZEROUPPER
	RET
