package autobahn

import (
	"fmt"
	"sync"
	"time"
)

// part is a numbered part of the suite, such as 6.5.
type part struct {
	number string
	title  string
	rfc    string
	cases  []Case
}

// parts are all parts, in the order of the original's, and then ours.
func parts() []part {
	return []part{
		textLengths(), binaryLengths(),
		pings(),
		reservedBits(),
		reservedDataOpcodes(), reservedControlOpcodes(),
		fragmentation(),
		emptyFragments(), validFragments(), invalidFragments(), soonInvalid(),
		validTexts(), prefixes(), firstCodePoints(), longFormsFirst(), lastCodePoints(), longFormsLast(),
		boundaries(), loneContinuations(), loneStarts(), lastMissing(), joinedIncomplete(), neverOctets(),
		overlongSlash(), longestOverlong(), overlongNUL(), surrogates(), surrogatePairs(), noncharacters(), specials(),
		closing(), closeLengths(), closeReasons(), goodCodes(), badCodes(), codesBeyond(),
		largeText(), largeBinary(), fragmentedText(), fragmentedBinary(), choppedText(), choppedBinary(), textRounds(), binaryRounds(),
		automaticFragments(),
		deflateCorpus(1, jsonCorpus), deflateCorpus(2, bitmapCorpus), deflateCorpus(3, proseCorpus), deflateCorpus(4, markupCorpus), deflateCorpus(5, mixedCorpus),
		deflateOffer(1), deflateOffer(2), deflateOffer(3), deflateOffer(4), deflateOffer(5), deflateOffer(6), deflateOffer(7),
		badRequests(), goodRequests(), badResponses(), goodResponses(),
		longForms(), wrongMasks(),
		deflateFrames(), deflateAnswers(),
		laterCodes(),
		floods(),
		tooMuch(),
		bombs(),
		ends(), octetByOctet(), unread(),
	}
}

// sections are the titles of the first numbers.
var sections = map[string]string{
	"1": "framing", "2": "pings and pongs", "3": "reserved bits", "4": "opcodes", "5": "fragmentation", "6": "UTF-8",
	"7": "closing", "9": "limits and performance", "10": "automatic fragmentation",
	"12": "permessage-deflate, five kinds of data", "13": "permessage-deflate, seven offers",
	"20": "opening handshake", "21": "headers of frames", "22": "frames with permessage-deflate", "23": "close codes",
	"24": "floods", "25": "lengths without end", "26": "compression bombs", "27": "TCP",
}

// HandshakeCases is the pattern of the cases whose handshake is not the usual
// one.
const HandshakeCases = "20.*"

// SectionTitle returns what a section is about, given its number.
func SectionTitle(number string) string { return sections[number] }

// allParts are the parts, with cases that know their numbers.
var allParts = sync.OnceValue(func() []part {
	all := parts()
	for _, p := range all {
		for i := range p.cases {
			c := &p.cases[i]
			c.ID = fmt.Sprintf("%s.%d", p.number, i+1)
			if c.RFC == "" {
				c.RFC = p.rfc
			}
		}
	}
	return all
})

var allCases = sync.OnceValue(func() (all []*Case) {
	for _, p := range allParts() {
		for i := range p.cases {
			all = append(all, &p.cases[i])
		}
	}
	return all
})

// Cases returns all cases, those of the original test suite first, in its order.
// They are shared, and must not be changed.
func Cases() []*Case { return append([]*Case(nil), allCases()...) }

// The verdicts that many cases have.
const (
	wantsEcho    = "OK: the message comes back, with its type and its octets"
	wantsFailure = "OK: nothing comes back, and the peer fails the connection"
)

// hello is the payload of many cases.
var hello = octets("Hello, world!")

// echo is a case in which a message comes back.
func echo(sends string, l limit, back event, steps ...step) Case {
	return Case{Sends: sends, Wants: wantsEcho, steps: steps, limit: l, want: exactly(back), closing: byFuzzer}
}

// refused is a case in which the peer fails the connection and sends nothing.
func refused(sends string, steps ...step) Case {
	return Case{Sends: sends, Wants: wantsFailure, steps: steps, limit: killAfter(time.Second), want: exactly(), closing: byPeer(1002)}
}

// refusedAfterEcho is a case in which the peer fails the connection after a
// message that it may well send back.
func refusedAfterEcho(sends string, back payload, steps ...step) Case {
	return Case{
		Sends:   sends,
		Wants:   "OK: the first message comes back, nothing else does, and the peer fails the connection; NON-STRICT: it fails without sending the message back",
		steps:   steps,
		limit:   killAfter(time.Second),
		want:    exactly(textMessage(back)).orNonStrict(),
		closing: byPeer(1002),
	}
}

// How the frames of a case leave.
type delivery struct {
	words string
	chop  int
	sync  bool
}

var (
	together = delivery{words: "back to back"}
	apart    = delivery{words: "each frame a write of its own", sync: true}
	byOctet  = delivery{words: "octet by octet", chop: 1}
)

// by returns the frames, delivered that way.
func (d delivery) by(frames ...frame) (steps []step) {
	for _, f := range frames {
		f.chop, f.sync = d.chop, d.sync
		steps = append(steps, f)
	}
	return steps
}
