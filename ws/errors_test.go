package ws_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/wirews/wirews/ws"
)

func TestProtocolErrorsCarryTheirCloseCode(t *testing.T) {
	for _, tt := range []struct {
		err  ws.ProtocolError
		want ws.StatusCode
	}{
		{ws.ErrProtocolOpCodeReserved, ws.StatusProtocolError},
		{ws.ErrProtocolControlPayloadOverflow, ws.StatusProtocolError},
		{ws.ErrProtocolControlNotFinal, ws.StatusProtocolError},
		{ws.ErrProtocolNonZeroRsv, ws.StatusProtocolError},
		{ws.ErrProtocolMaskRequired, ws.StatusProtocolError},
		{ws.ErrProtocolMaskUnexpected, ws.StatusProtocolError},
		{ws.ErrProtocolContinuationExpected, ws.StatusProtocolError},
		{ws.ErrProtocolContinuationUnexpected, ws.StatusProtocolError},
		{ws.ErrProtocolStatusCodeNotInUse, ws.StatusProtocolError},
		{ws.ErrProtocolStatusCodeApplicationLevel, ws.StatusProtocolError},
		{ws.ErrProtocolStatusCodeNoMeaning, ws.StatusProtocolError},
		{ws.ErrProtocolStatusCodeUnknown, ws.StatusProtocolError},
		{ws.ErrProtocolCloseLength, ws.StatusProtocolError},
		{ws.ErrProtocolInvalidUTF8, ws.StatusInvalidFramePayloadData},
		{ws.ErrHeaderLengthMSB, ws.StatusProtocolError},
		{ws.ErrHeaderLengthNotMinimal, ws.StatusProtocolError},
	} {
		if got := tt.err.StatusCode(); got != tt.want {
			t.Errorf("%v: got close code %d, want %d", tt.err, got, tt.want)
		}
	}
}

func TestErrorsAreFoundWhenWrapped(t *testing.T) {
	for _, err := range []error{
		ws.ErrShort,
		ws.ErrProtocolMaskRequired,
		ws.ErrHeaderLengthMSB,
		ws.ErrHeaderLengthUnexpected,
		ws.ErrHeaderBitsUnexpected,
		ws.ErrFrameLength,
		ws.ErrFrameTooLarge,
	} {
		if !strings.HasPrefix(err.Error(), "ws: ") {
			t.Errorf("text %q does not name the package", err)
		}
		if wrapped := fmt.Errorf("read: %w", err); !errors.Is(wrapped, err) {
			t.Errorf("errors.Is does not find %q when it is wrapped", err)
		}
	}
}

// An application may ask for the close code without knowing which error it
// has: protocol errors and limits both answer.
func TestErrorsAsFindsTheCloseCode(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want ws.StatusCode
	}{
		{ws.ErrProtocolInvalidUTF8, 1007},
		{ws.ErrProtocolMaskRequired, 1002},
		{ws.ErrFrameTooLarge, 1009},
	} {
		var coded interface{ StatusCode() ws.StatusCode }
		if !errors.As(fmt.Errorf("read: %w", tt.err), &coded) {
			t.Fatalf("%v has no close code", tt.err)
		}
		if got := coded.StatusCode(); got != tt.want {
			t.Errorf("%v: got close code %d, want %d", tt.err, got, tt.want)
		}
	}
}

func TestHeaderErrorIsNoProtocolError(t *testing.T) {
	var protocol ws.ProtocolError
	if errors.As(error(ws.ErrHeaderLengthUnexpected), &protocol) {
		t.Error("a mistake of the caller is reported as one of the peer")
	}
	var header ws.HeaderError
	if !errors.As(error(ws.ErrHeaderBitsUnexpected), &header) {
		t.Error("errors.As does not find a HeaderError")
	}
}
