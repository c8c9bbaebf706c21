package autobahn

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Behavior is a verdict, in the words of the original test suite.
type Behavior string

// The verdicts on what a peer does, and, as far as it says so, on how the
// connection ends.
const (
	OK             Behavior = "OK"
	NonStrict      Behavior = "NON-STRICT"       // allowed, but not what it should be
	Informational  Behavior = "INFORMATIONAL"    // the suite does not decide; also on the closing
	Unimplemented  Behavior = "UNIMPLEMENTED"    // the peer does not have what the case is about
	Failed         Behavior = "FAILED"           // also on the closing: the wrong side was first
	Unclean        Behavior = "UNCLEAN"          // closing: no close frames both ways, in time
	WrongCode      Behavior = "WRONG CODE"       // closing: the peer's close code
	FailedByClient Behavior = "FAILED BY CLIENT" // closing: the server did not end TCP
)

// Passed reports whether neither verdict speaks against the peer.
func (r *Result) Passed() bool {
	return r.Behavior != Failed && (r.BehaviorClose == OK || r.BehaviorClose == Informational)
}

// Result is what a case came to.
type Result struct {
	Case          string
	Agent         string
	Behavior      Behavior
	BehaviorClose Behavior
	Why           string // of the verdict, in words

	Started  time.Time
	Duration time.Duration // from the handshake's end to that of TCP

	Expected []string // per verdict, the events that bring it
	Received []string
	Closing  Closing
	Rounds   int // messages that have come back, of a case that has rounds

	Request, Response string // the heads of the handshake
	Extension         string // that was agreed
	Sent, Arrived     Traffic
	Wire              []WireEntry
}

// Closing is how a connection ended.
type Closing struct {
	First        string // fuzzer or peer, whoever was first
	Clean        bool   // close frames went both ways, in time
	WhyNot       string
	Dropped      bool // the fuzzer ended TCP
	LocalCode    int  // of the fuzzer's close frame; 0 for none
	RemoteCode   int  // of the peer's
	RemoteReason string
	Violations   []string // of rules, by the peer
}

// Traffic is what went one way: octets of frames, and frames by opcode.
type Traffic struct {
	Octets int64
	Frames map[byte]int
}

// result judges the session.
func (s *session) result() *Result {
	r := &Result{
		Case: s.c.ID, Started: s.log.start, Duration: time.Since(s.log.start), Rounds: s.round,
		Closing: Closing{
			First: string(s.first), Clean: s.clean, WhyNot: s.notClean, Dropped: s.dropped,
			LocalCode: max(s.localCode, 0), RemoteCode: max(s.remoteCode, 0), RemoteReason: s.remoteReason, Violations: s.violations,
		},
		Sent: Traffic{s.sent.octets, s.sent.frames}, Arrived: Traffic{s.arrived.octets, s.arrived.frames},
		Expected: s.c.expected(),
		Wire:     s.log.done(),
	}
	for _, e := range s.received[:min(len(s.received), 50)] {
		r.Received = append(r.Received, e.String())
	}
	if s.agreed != nil {
		r.Extension = s.agreed.String()
	}
	r.BehaviorClose, r.Why = s.judgeClosing()
	behavior, why := s.judge()
	r.Behavior = behavior
	if why != "" {
		r.Why = strings.TrimSuffix(why+"; "+r.Why, "; ")
	}
	return r
}

// judge returns the verdict on what the peer did.
func (s *session) judge() (Behavior, string) {
	rule := s.c.closing
	switch {
	case s.c.want.informational:
		return Informational, ""
	case s.c.deflate != nil && s.agreed == nil:
		return Unimplemented, "permessage-deflate was not agreed"
	case rule.wrongSideFails && s.first != rule.first:
		return Failed, fmt.Sprintf("the %s was the first to close", s.first)
	case rule.wrongCodeFails && s.wrongCode(rule):
		return Failed, fmt.Sprintf("the peer closed with %d", s.remoteCode)
	case s.c.own.judged != nil:
		return s.c.own.judged(s), ""
	case s.c.own.complete != nil && !s.c.own.complete(s.received):
		return Failed, "not everything has come that was to come"
	case s.c.own.complete != nil:
		return OK, ""
	case s.c.rounds != nil && !s.roundOK:
		return Failed, fmt.Sprintf("%d of %d messages came back", s.round, s.c.rounds.n)
	case s.c.rounds != nil:
		return OK, ""
	case met(s.c.want.ok, s.received):
		return OK, ""
	case s.c.want.hasNonStrict && met(s.c.want.nonStrict, s.received):
		return NonStrict, ""
	}
	return Failed, "what was received is not what was expected"
}

func (s *session) wrongCode(rule closeRule) bool {
	return s.remoteCode != noCode && !slices.Contains(rule.codes, s.remoteCode)
}

// judgeClosing returns the verdict on how the connection ended.
func (s *session) judgeClosing() (Behavior, string) {
	rule := s.c.closing
	if s.c.deflate != nil && s.agreed == nil {
		rule = byFuzzer
	}
	switch {
	case s.c.want.informational:
		return Informational, ""
	case s.first != rule.first && rule.first != "":
		return Failed, fmt.Sprintf("the %s was the first to close, not the %s", s.first, rule.first)
	case rule.clean && !s.clean:
		return Unclean, "the closing was not clean: " + s.whyNotClean()
	case s.wrongCode(rule):
		return WrongCode, fmt.Sprintf("the peer closed with %d, not with one of %d", s.remoteCode, rule.codes)
	case s.role == ClientRole && s.dropped:
		return FailedByClient, "the server did not end TCP"
	}
	return OK, ""
}

func (s *session) whyNotClean() string {
	if s.notClean != "" {
		return s.notClean
	}
	return "the peer ended TCP without a close frame"
}

// noHandshake is the result of a case whose opening handshake failed.
func noHandshake(c *Case, started time.Time, err error) *Result {
	r := &Result{
		Case: c.ID, Started: started, Duration: time.Since(started), Behavior: Failed, BehaviorClose: Failed,
		Why: err.Error(), Expected: c.expected(),
	}
	if c.want.informational {
		r.Behavior, r.BehaviorClose = Informational, Informational
	}
	return r
}

// expected says in words which events bring which verdict.
func (c *Case) expected() (all []string) {
	list := func(verdict Behavior, events []event) {
		s := "nothing"
		for i, e := range events {
			if i == 0 {
				s = e.String()
			} else {
				s += ", " + e.String()
			}
		}
		all = append(all, fmt.Sprintf("%s: %s", verdict, s))
	}
	if c.want.informational || c.rounds != nil || c.own.judged != nil || c.own.complete != nil || c.opening != nil {
		return []string{c.Wants}
	}
	list(OK, c.want.ok)
	if c.want.hasNonStrict {
		list(NonStrict, c.want.nonStrict)
	}
	return all
}
