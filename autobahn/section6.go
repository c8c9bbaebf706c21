package autobahn

import (
	"fmt"
	"time"
)

// Section 6, first half: UTF-8 in fragments, and how soon it is found wrong.

const (
	rfcText  = "RFC 6455, 5.6 and 8.1; RFC 3629"
	greeting = "Hello-µ@ßöäüàá-UTF-8!!"
	kosme    = "κ\u1f79σμε" // in the form that normalisation changes
)

func emptyFragments() part {
	middle := octets("middle frame payload")
	three := func(p payload) []step {
		return together.by(frame{opcode: opText, more: true}, frame{opcode: opContinuation, more: true, payload: p}, continuation(octets("")))
	}
	return part{"6.1", "empty messages and fragments", "RFC 6455, 5.4 and 5.6", []Case{
		echo("an empty text message", closeAfter(time.Second), textMessage(octets("")), frame{opcode: opText}),
		echo("a text message in three fragments, all empty", closeAfter(time.Second), textMessage(octets("")), three(octets(""))...),
		echo("a text message in three fragments, of which only the second is not empty", closeAfter(time.Second), textMessage(middle), three(middle)...),
	}}
}

func validFragments() part {
	whole, greek := octets(greeting), octets(kosme)
	back := func(sends string, p payload, steps ...step) Case {
		return echo(sends, closeAfter(time.Second), textMessage(p), steps...)
	}
	return part{"6.2", "valid UTF-8 in fragments", rfcText, []Case{
		back("a text with letters of two octets", whole, wholeMessage{opText, whole, 0}),
		back("the same, cut between two letters", whole,
			together.by(frame{opcode: opText, more: true, payload: octets(greeting[:15])}, continuation(octets(greeting[15:])))...),
		back("the same, one octet a fragment", whole, wholeMessage{opText, whole, 1}),
		back("a Greek word, one octet a fragment", greek, wholeMessage{opText, greek, 1}),
	}}
}

// surrogateInText has an encoded surrogate in the middle.
var surrogateInText = unhex("cebae1bdb9cf83cebcceb5eda080656469746564")

func invalidFragments() part {
	return part{"6.3", "invalid UTF-8 in fragments", rfcText, []Case{
		invalid("a text with an encoded surrogate", surrogateInText, 0, time.Second),
		invalid("the same, one octet a fragment", surrogateInText, 1, time.Second),
	}}
}

// invalid is a case whose text must not come back.
func invalid(sends string, p payload, fragment int, wait time.Duration) Case {
	rule := byPeer(1007)
	rule.wrongSideFails = true
	return Case{
		Sends: sends, Wants: "OK: nothing comes back, and the peer is the first to close (1007)",
		steps: []step{wholeMessage{opText, p, fragment}}, limit: killAfter(wait), want: exactly(), closing: rule,
	}
}

// soonInvalid: a text becomes invalid in its second part, and the third part is
// held back to see whether the peer waits for it.
func soonInvalid() part {
	const text = kosme + "\xf4\x90\x80\x80edited"
	inFragments := func(first, second int) []step {
		return soon(
			[]step{frame{opcode: opText, more: true, payload: octets(text[:first])}},
			[]step{frame{opcode: opContinuation, more: true, payload: octets(text[first:second])}},
			[]step{continuation(octets(text[second:]))})
	}
	inOneFrame := func(first, second int) []step {
		return soon(
			[]step{frameStart{opText, true, len(text)}, framePart{octets(text[:first])}},
			[]step{framePart{octets(text[first:second])}},
			[]step{framePart{octets(text[second:])}, continuation(octets(""))})
	}
	return part{"6.4", "how soon invalid UTF-8 is found", "RFC 6455, 8.1", []Case{
		failsFast("three fragments, of which the second has a code point beyond U+10FFFF", inFragments(11, 15)),
		failsFast("three fragments, of which the second is the very octet that makes the text invalid", inFragments(12, 13)),
		failsFast("one frame in three parts, of which the second has a code point beyond U+10FFFF", inOneFrame(11, 15)),
		failsFast("one frame in three parts, of which the second is the very octet that makes the text invalid", inOneFrame(12, 13)),
	}}
}

// soon returns the steps with pauses between.
func soon(first, second, third []step) (steps []step) {
	steps = append(append(steps, first...), pause{time.Second, "A"})
	steps = append(append(steps, second...), pause{time.Second, "B"})
	return append(steps, third...)
}

func failsFast(sends string, steps []step) Case {
	rule := byPeer(1007)
	rule.wrongSideFails = true
	return Case{
		Sends: "a text in " + sends + "; a second of silence before and after it",
		Wants: "OK: the peer is the first to close, within the second after the second part (mark A only); NON-STRICT: after the third part (marks A and B)",
		steps: steps, limit: killAfter(time.Second), want: exactly(mark("A")).orNonStrict(mark("A"), mark("B")), closing: rule,
	}
}

// texts are the cases of one part: each a text in one frame, in hex.
func texts(number int, title string, list ...string) part {
	p := part{number: fmt.Sprintf("6.%d", number), title: title, rfc: rfcText}
	for _, h := range list {
		p.cases = append(p.cases, oneText(title, unhex(h)))
	}
	return p
}

// oneText is valid or not, as the octets are.
func oneText(title string, p payload) Case {
	const wait = 500 * time.Millisecond
	var check textCheck
	if check.add(p.bytes()) && check.complete() {
		return echo(fmt.Sprintf("a text of %d octets, which is valid: %s", p.length, title), killAfter(wait), textMessage(p), wholeMessage{opText, p, 0})
	}
	return invalid(fmt.Sprintf("a text of %d octets, which is not valid: %s", p.length, title), p, 0, wait)
}
