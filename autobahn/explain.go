package autobahn

import (
	"fmt"
	"strings"
	"time"
)

// Explain returns what the case sends, step by step, what it wants and why, in
// lines for a reader.
func (c *Case) Explain() string {
	var b strings.Builder
	title := c.ID + ", " + SectionTitle(c.Section())
	if len(c.only) == 1 {
		title += map[Role]string{ClientRole: ", for servers", ServerRole: ", for clients"}[c.only[0]]
	}
	if c.Ours {
		title += " (not in the original test suite)"
	}
	fmt.Fprintf(&b, "%s\n\nSends: %s.\n", title, c.Sends)
	for i, s := range c.steps {
		fmt.Fprintf(&b, "  %d. %s\n", i+1, s.words())
	}
	if d := c.deflate; d != nil {
		fmt.Fprintf(&b, "  To a server it offers: %s\n", strings.Join(d.offers, ",\n    "))
		if c.in(ServerRole) {
			fmt.Fprintf(&b, "  Of a client it accepts: %s\n", policyWords(d.policies))
		}
	}
	fmt.Fprintf(&b, "\nWants: %s.\n", c.Wants)
	if c.opening == nil && !c.want.informational {
		fmt.Fprintf(&b, "Closing: %s.\n", c.closing.words())
	}
	if c.limit.after > 0 {
		fmt.Fprintf(&b, "Time: %v from the last step on.\n", c.limit.after)
	}
	fmt.Fprintf(&b, "\nWhy: %s\nRule: %s.\n", reason(c.ID), c.RFC)
	return b.String()
}

// policyWords describes which offers are accepted, and how. What an offer asks of
// the server is granted in any case.
func policyWords(policies []deflatePolicy) string {
	var all []string
	for _, p := range policies {
		words := "any offer"
		var answer []string
		if p.clientBits != 0 {
			words = "an offer with client_max_window_bits"
			answer = append(answer, fmt.Sprintf("client_max_window_bits=%d", p.clientBits))
		}
		if p.clientNoTakeover {
			answer = append(answer, "client_no_context_takeover")
		}
		if len(answer) > 0 {
			words += ", and answers with " + strings.Join(answer, "; ")
		}
		all = append(all, words)
	}
	return strings.Join(all, ",\n    or else ")
}

func (r closeRule) words() string {
	s := fmt.Sprintf("the %s is to be the first to close", r.first)
	switch {
	case r.first == "":
		s = "either side may be the first to close"
	case r.with != 0:
		s += fmt.Sprintf(", with %d once everything has come", r.with)
	}
	if len(r.codes) > 0 {
		s += fmt.Sprintf("; the peer's close frame may have the code %s, or none", strings.Trim(strings.ReplaceAll(fmt.Sprint(r.codes), " ", ", "), "[]"))
	}
	if r.clean {
		return s + "; close frames have to go both ways, within a second"
	}
	return s + "; it may also just end TCP"
}

// words describes a payload to a reader.
func (p payload) words() string {
	switch {
	case p.length == 0:
		return "no payload"
	case p.length == len(p.unit) && printable([]byte(p.unit)) != "":
		return fmt.Sprintf("payload %q", p.unit)
	case p.length == len(p.unit):
		return fmt.Sprintf("payload %x", p.unit)
	}
	return fmt.Sprintf("payload of %d octets, %x over and over", p.length, p.unit)
}

func (f frame) words() string {
	h := header{fin: !f.more, rsv: f.rsv, opcode: f.opcode, length: uint64(f.payload.length)}
	if f.declared != 0 {
		h.length = f.declared
	}
	s := fmt.Sprintf("frame: %s, %s", h.words(), f.payload.words())
	if f.form != 0 {
		s += fmt.Sprintf(", the length in %d octets", f.form)
	}
	if f.badMask {
		s += ", masked the wrong way"
	}
	switch {
	case f.chop > 0:
		s += fmt.Sprintf(", written in pieces of %d", f.chop)
	case f.sync:
		s += ", in a write of its own"
	}
	return s
}

func (m wholeMessage) words() string {
	s := fmt.Sprintf("%s message, %s", opcodeNames[m.opcode], m.payload.words())
	if m.fragment > 0 {
		s += fmt.Sprintf(", in fragments of %d octets and a last one with the rest", m.fragment)
	}
	return s
}

func (c closeFrame) words() string {
	if c.code == noCode {
		return "close frame without a code, " + c.reason.words()
	}
	s := fmt.Sprintf("close frame, code %d", c.code)
	if c.reason.length > 0 {
		s += ", reason: " + strings.TrimPrefix(c.reason.words(), "payload ")
	}
	return s
}

func (p pause) words() string {
	s := fmt.Sprintf("silence of %v", p.d.Round(time.Millisecond))
	if p.mark != "" {
		s += fmt.Sprintf("; mark %s if the connection is open then, or else the end", p.mark)
	}
	return s
}

func (f frameStart) words() string {
	h := header{fin: !f.more, opcode: f.opcode, length: uint64(f.length)}
	return "header of a frame: " + h.words()
}

func (f framePart) words() string { return "part of its payload, " + f.payload.words() }
