package autobahn

import (
	"fmt"
	"time"
)

// Section 7: closing.

const rfcClose = "RFC 6455, 5.5.1 and 7"

// helloWorld is what section 7 sends, without a comma.
var helloWorld = octets("Hello World!")

// answered is the rule of a closing handshake that the fuzzer begins in order.
func answered(codes ...int) closeRule {
	return closeRule{first: fuzzer, codes: codes, clean: true, wrongCodeFails: true}
}

// unclean is the rule of one that the fuzzer begins with a bad close frame: the
// peer may drop TCP at once.
func unclean(codes ...int) closeRule {
	return closeRule{first: fuzzer, codes: codes, wrongCodeFails: true}
}

func closes(sends, wants string, rule closeRule, steps ...step) Case {
	return Case{Sends: sends, Wants: wants, steps: steps, limit: killAfter(time.Second), want: exactly(), closing: rule}
}

func closing() part {
	close := closeFrame{code: 1000}
	afterEcho := answered(1000)
	afterEcho.with = 1000
	return part{"7.1", "what follows a close frame", rfcClose, []Case{
		{
			Sends: "a text message, and close 1000 once it has come back", Wants: "OK: the message, then a close frame with 1000 or no code",
			steps: []step{frame{opcode: opText, payload: helloWorld}}, limit: killAfter(time.Second), want: exactly(textMessage(helloWorld)), closing: afterEcho,
		},
		closes("close 1000, then a second close frame, empty", "OK: one close frame and nothing else", answered(1000), close, frame{opcode: opClose}),
		closes("close 1000, then a ping", "OK: a close frame and no pong", answered(1000), close, frame{opcode: opPing}),
		closes("close 1000, then a text message", "OK: a close frame, and the message does not come back", answered(1000), close, frame{opcode: opText, payload: helloWorld}),
		closes("a text fragment, close 1000, then the final continuation", "OK: a close frame, and the message does not come back", answered(1000),
			frame{opcode: opText, more: true, payload: octets("fragment1")}, close, continuation(octets("fragment2"))),
		{
			Sends: "a text of 262144 octets, another of 12, close 1000 and a ping, back to back",
			Wants: "INFORMATIONAL: whether what was sent before the close frame comes back is the peer's choice",
			steps: []step{frame{opcode: opText, payload: repeat("BAsd7&jh23", 262144)}, frame{opcode: opText, payload: helloWorld}, close, frame{opcode: opPing}},
			limit: killAfter(time.Second), want: anything, closing: closeRule{first: fuzzer, codes: []int{1000}, clean: true},
		},
	}}
}

func closeLengths() part {
	const clean = "OK: a close frame with 1000 or no code"
	const refusal = "OK: a close frame with 1002 or no code, or the end of TCP"
	return part{"7.3", "the payload of a close frame", rfcClose, []Case{
		closes("a close frame without a payload", clean, answered(1000), closeFrame{code: noCode}),
		closes("a close frame with a payload of one octet", refusal, unclean(1002), closeFrame{noCode, octets("a")}),
		closes("close 1000 without a reason", clean, answered(1000), closeFrame{code: 1000}),
		closes("close 1000 with a reason", clean, answered(1000), closeFrame{1000, helloWorld}),
		closes("close 1000 with a reason of 123 octets, the longest there may be", clean, answered(1000), closeFrame{1000, repeat("*", 123)}),
		closes("close 1000 with a reason of 124 octets, one too many for a control frame", refusal, unclean(1002), closeFrame{1000, repeat("*", 124)}),
	}}
}

func closeReasons() part {
	return part{"7.5", "a close reason that is not UTF-8", "RFC 6455, 5.5.1 and 8.1", []Case{
		closes("close 1000 with a reason that is not UTF-8", "OK: a close frame with 1007, 1002 or no code, or the end of TCP",
			unclean(1002, 1007), closeFrame{1000, surrogateInText}),
	}}
}

func goodCodes() part {
	p := part{number: "7.7", title: "close codes that may be sent", rfc: "RFC 6455, 7.4"}
	for _, code := range []int{1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999} {
		rule := answered(1000, code)
		if code == 1000 {
			rule = answered(1000)
		}
		p.cases = append(p.cases, closes(fmt.Sprintf("close %d", code), fmt.Sprintf("OK: a close frame with %d, 1000 or no code", code), rule, closeFrame{code: code}))
	}
	return p
}

func badCodes() part {
	p := part{number: "7.9", title: "close codes that must not be sent", rfc: "RFC 6455, 7.4"}
	for _, code := range []int{0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999} {
		p.cases = append(p.cases, closes(fmt.Sprintf("close %d", code), "OK: a close frame with 1002 or no code, or the end of TCP", unclean(1002), closeFrame{code: code}))
	}
	return p
}

func codesBeyond() part {
	p := part{number: "7.13", title: "close codes beyond 4999", rfc: "RFC 6455, 7.4"}
	for _, code := range []int{5000, 65535} {
		p.cases = append(p.cases, Case{
			Sends: fmt.Sprintf("close %d", code), Wants: "INFORMATIONAL: RFC 6455 does not speak of such codes",
			steps: []step{closeFrame{code: code}}, limit: killAfter(time.Second), want: anything,
			closing: closeRule{first: fuzzer, codes: []int{1000, 1002, code}},
		})
	}
	return p
}
