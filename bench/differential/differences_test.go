package differential

import (
	"errors"
	"io"
	"slices"

	"github.com/wirews/wirews/ws"
)

// differences are what libraries do otherwise than package websocket, and why that
// is no reason to change it.
var differences = []struct {
	libraries []string
	why       string
	is        func(ours, theirs *outcome) bool
}{
	{
		[]string{"gorilla", "coder", "gobwas", "gws"},
		"take a length that is not in its shortest form; RFC 6455, 5.2: the minimal number of bytes must be used",
		laxer(ws.ErrHeaderLengthNotMinimal),
	},
	{
		[]string{"gorilla", "coder"},
		"do not check that text is UTF-8; RFC 6455, 8.1: the connection must be failed",
		laxer(ws.ErrProtocolInvalidUTF8),
	},
	{
		[]string{"gws", "gobwas"},
		"check text when the message has ended, and so later than at the first bad byte",
		laxer(ws.ErrProtocolInvalidUTF8),
	},
	{
		[]string{"gorilla", "gobwas"},
		"send 1002 for a reason of a close frame that is not UTF-8; 1007 is the code for that (RFC 6455, 7.4.1)",
		codes(ws.StatusInvalidFramePayloadData, ws.StatusProtocolError),
	},
	{
		[]string{"gorilla", "gobwas", "gws"},
		"send 1002 for the close codes 1012 to 1014, or one of them, which IANA has registered",
		func(ours, theirs *outcome) bool {
			return sameMessages(ours, theirs) && ours.code >= 1012 && ours.code <= 1014 && theirs.code == ws.StatusProtocolError
		},
	},
	{
		[]string{"gobwas"},
		"its helper sends no close frame when the client breaks a rule: that is left to its caller",
		func(ours, theirs *outcome) bool {
			return sameMessages(ours, theirs) && ours.code > 1000 && theirs.code == 0
		},
	},
	{
		[]string{"gobwas"},
		"its helper has no limit on messages",
		laxer(ws.LimitError("")),
	},
	{
		[]string{"gobwas"},
		"takes close codes over 4999; RFC 6455, 7.4.2, has no such codes",
		laxer(ws.ErrProtocolStatusCodeNotInUse),
	},
	{
		[]string{"gorilla"},
		"takes a close frame with half a code for one without; RFC 6455, 5.5.1: there is a code of two bytes, or nothing",
		laxer(ws.ErrProtocolCloseLength),
	},
	{
		[]string{"gorilla", "coder", "gws"},
		"have no code for a length with the top bit set, or panic; it breaks the protocol (RFC 6455, 5.2)",
		laxer(ws.ErrHeaderLengthMSB),
	},
	{
		[]string{"coder"},
		"sends no close frame for a frame that is not masked; RFC 6455, 7.1.7, asks for one",
		codes(ws.StatusProtocolError, 0),
	},
	{
		[]string{"coder", "gobwas"},
		"take the end of the transport inside of a message, at some places, for the end of the message; ours is io.ErrUnexpectedEOF",
		func(ours, theirs *outcome) bool {
			return goesOn(ours, theirs) && errors.Is(ours.end, io.ErrUnexpectedEOF) && len(theirs.messages) == len(ours.messages)+1
		},
	},
	{
		[]string{"coder"},
		"asks for its limit as the payload comes, and so not when the header declares more",
		laxer(ws.LimitError("")),
	},
	{
		[]string{"gorilla", "gobwas", "gws"},
		"check a header by its first two bytes; ours is checked once all of it has come, so that the end of the transport may come first",
		func(ours, theirs *outcome) bool {
			return sameMessages(ours, theirs) && errors.Is(ours.end, io.ErrUnexpectedEOF) && (theirs.code == ws.StatusProtocolError || theirs.code == ws.StatusMessageTooBig)
		},
	},
	{
		[]string{"gws", "gorilla"},
		"ask for the limit first if a header breaks a rule and is over the limit too",
		codes(ws.StatusProtocolError, ws.StatusMessageTooBig),
	},
	{
		[]string{"gws"},
		"looks at the reason of a close frame before the code, so if both are wrong it sends 1007",
		codes(ws.StatusProtocolError, ws.StatusInvalidFramePayloadData),
	},
	{
		[]string{"gobwas"},
		"its helper answers a ping whose payload ends with the transport, by what has come of it",
		func(ours, theirs *outcome) bool {
			return goesOn(ours, theirs) && errors.Is(ours.end, io.ErrUnexpectedEOF) && len(theirs.pongs) == len(ours.pongs)+1
		},
	},
	{
		[]string{"gws"},
		"sends 1000 when the transport has ended; nobody receives that",
		func(ours, theirs *outcome) bool {
			return sameMessages(ours, theirs) && ours.code == 0 && theirs.code == ws.StatusNormalClosure
		},
	},
	{
		[]string{"gws"},
		"answers some close codes with 1000; RFC 6455, 5.5.1: typically the code comes back",
		func(ours, theirs *outcome) bool {
			return sameMessages(ours, theirs) && ours.code > 1000 && theirs.code == ws.StatusNormalClosure
		},
	},
}

// excused reports whether one of the differences is what two outcomes differ in.
func excused(library string, ours, theirs *outcome) bool {
	for _, d := range differences {
		if slices.Contains(d.libraries, library) && d.is(ours, theirs) {
			return true
		}
	}
	return false
}

// laxer is a rule that only ours has: it is what ours ends for, and theirs goes on as
// long as it will. A LimitError stands for all of them.
func laxer(rule error) func(ours, theirs *outcome) bool {
	return func(ours, theirs *outcome) bool {
		_, overLimit := errors.AsType[ws.LimitError](ours.end)
		_, anyLimit := rule.(ws.LimitError)
		return goesOn(ours, theirs) && (errors.Is(ours.end, rule) || overLimit && anyLimit)
	}
}

// codes is a difference in the code alone.
func codes(ours, theirs ws.StatusCode) func(o, t *outcome) bool {
	return func(o, t *outcome) bool { return sameMessages(o, t) && o.code == ours && t.code == theirs }
}

func sameMessages(ours, theirs *outcome) bool {
	return slices.Equal(ours.messages, theirs.messages) && slices.Equal(ours.pongs, theirs.pongs)
}

// goesOn reports whether theirs begins as ours does.
func goesOn(ours, theirs *outcome) bool {
	return hasPrefix(theirs.messages, ours.messages) && hasPrefix(theirs.pongs, ours.pongs)
}

func hasPrefix(all, prefix []string) bool {
	return len(all) >= len(prefix) && slices.Equal(all[:len(prefix)], prefix)
}
