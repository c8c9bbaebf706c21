package autobahn

import (
	"fmt"
	"time"
)

// Sections 12 and 13: permessage-deflate (RFC 7692). Both send the same sizes;
// section 12 five kinds of data with one offer, section 13 one kind of data with
// seven offers.

const (
	usualOffer = "permessage-deflate; client_no_context_takeover; client_max_window_bits"
	freshOffer = usualOffer + "; server_no_context_takeover"
)

// deflateOffers are those of section 13, as client and as server.
var deflateOffers = []struct {
	words    string
	offers   []string
	policies []deflatePolicy
}{
	{"the usual offer", []string{usualOffer}, []deflatePolicy{{}}},
	{"no context takeover", []string{freshOffer}, []deflatePolicy{{clientNoTakeover: true}}},
	{"windows of 512 octets", []string{usualOffer + "; server_max_window_bits=9"}, []deflatePolicy{{clientBits: 9}}},
	{"windows of 32 KiB", []string{usualOffer + "; server_max_window_bits=15"}, []deflatePolicy{{clientBits: 15}}},
	{"windows of 512 octets, no context takeover", []string{freshOffer + "; server_max_window_bits=9"}, []deflatePolicy{{clientBits: 9, clientNoTakeover: true}}},
	{"windows of 32 KiB, no context takeover", []string{freshOffer + "; server_max_window_bits=15"}, []deflatePolicy{{clientBits: 15, clientNoTakeover: true}}},
	{
		"three offers", []string{freshOffer + "; server_max_window_bits=9", freshOffer, usualOffer},
		[]deflatePolicy{{clientBits: 9, clientNoTakeover: true}, {clientNoTakeover: true}, {}},
	},
}

func deflateCorpus(number int, c *corpus) part {
	return deflateCases(fmt.Sprintf("12.%d", number), c.about, c, 0)
}

func deflateOffer(number int) part {
	return deflateCases(fmt.Sprintf("13.%d", number), deflateOffers[number-1].words, jsonCorpus, number-1)
}

func deflateCases(number, title string, c *corpus, offer int) part {
	p := part{number: number, title: "permessage-deflate, " + title, rfc: "RFC 7692, 6 and 7"}
	var op byte = opBinary
	if c.text {
		op = opText
	}
	o := deflateOffers[offer]
	add := func(size, fragment int, wait time.Duration) {
		sends := fmt.Sprintf("1000 times a compressed %s message of %d, cut from %s, each once the one before has come back; %s", opcodeNames[op], size, c.about, o.words)
		if fragment > 0 {
			sends += fmt.Sprintf("; in fragments of %d octets", fragment)
		}
		p.cases = append(p.cases, Case{
			Sends: sends, Wants: "OK: each comes back with its type and its octets, in time; UNIMPLEMENTED: the peer does not agree to compress",
			limit: closeAfter(wait), rounds: &rounds{n: 1000, opcode: op, strict: true}, closing: byFuzzer, manner: manner{heavy: true},
			deflate: &deflateSetup{offers: o.offers, policies: o.policies, corpus: c, size: size, fragment: fragment},
		})
	}
	add(16, 0, 60*time.Second)
	add(64, 0, 60*time.Second)
	add(256, 0, 120*time.Second)
	add(1024, 0, 240*time.Second)
	for size := 4096; size <= 131072; size *= 2 {
		add(size, 0, 480*time.Second)
	}
	for size := 8192; size <= 131072; size *= 2 {
		add(size, 256, 480*time.Second)
	}
	for _, fragment := range []int{1024, 4096, 32768} {
		add(131072, fragment, 480*time.Second)
	}
	return p
}
