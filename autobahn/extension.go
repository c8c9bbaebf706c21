package autobahn

import (
	"fmt"
	"strconv"
	"strings"
)

// deflateParams are the parameters of permessage-deflate (RFC 7692, section
// 7.1), of an offer or of a response.
type deflateParams struct {
	serverNoTakeover, clientNoTakeover bool
	serverBits, clientBits             int  // 0: absent
	anyClientBits                      bool // client_max_window_bits without a value
}

const maxBits = 15

func (p deflateParams) String() string {
	s := "permessage-deflate"
	if p.serverNoTakeover {
		s += "; server_no_context_takeover"
	}
	if p.clientNoTakeover {
		s += "; client_no_context_takeover"
	}
	if p.serverBits != 0 {
		s += fmt.Sprintf("; server_max_window_bits=%d", p.serverBits)
	}
	switch {
	case p.clientBits != 0:
		s += fmt.Sprintf("; client_max_window_bits=%d", p.clientBits)
	case p.anyClientBits:
		s += "; client_max_window_bits"
	}
	return s
}

// parseDeflate parses one element of Sec-WebSocket-Extensions.
func parseDeflate(element string) (p deflateParams, err error) {
	name, params, _ := strings.Cut(element, ";")
	if name = strings.Trim(name, " \t"); name != "permessage-deflate" {
		return p, fmt.Errorf("autobahn: extension %q is not permessage-deflate", name)
	}
	seen := map[string]bool{}
	for param := range strings.SplitSeq(params, ";") {
		if params == "" {
			break
		}
		key, value, valued := strings.Cut(param, "=")
		key, value = strings.Trim(key, " \t"), strings.Trim(value, " \t")
		if unquoted, ok := strings.CutPrefix(value, `"`); ok {
			value = strings.TrimSuffix(unquoted, `"`)
		}
		if seen[key] {
			return p, fmt.Errorf("autobahn: parameter %q twice in %q", key, element)
		}
		seen[key] = true
		if err := p.set(key, value, valued); err != nil {
			return p, fmt.Errorf("%w in %q", err, element)
		}
	}
	return p, nil
}

func (p *deflateParams) set(key, value string, valued bool) error {
	bits := 0
	if valued {
		var err error
		bits, err = strconv.Atoi(value)
		if err != nil || bits < 8 || bits > maxBits || strconv.Itoa(bits) != value {
			return fmt.Errorf("autobahn: %s is %q, want 8 to 15", key, value)
		}
	}
	switch {
	case key == "server_no_context_takeover" && !valued:
		p.serverNoTakeover = true
	case key == "client_no_context_takeover" && !valued:
		p.clientNoTakeover = true
	case key == "server_max_window_bits" && valued:
		p.serverBits = bits
	case key == "client_max_window_bits" && valued:
		p.clientBits = bits
	case key == "client_max_window_bits":
		p.anyClientBits = true
	default:
		return fmt.Errorf("autobahn: parameter %q is unknown, or has or lacks a value,", key)
	}
	return nil
}

// accepts reports whether a server may answer the offer p with r: RFC 7692,
// sections 7.1.1 and 7.1.2. What the offer demands of the server has to be in
// the response.
func (p deflateParams) accepts(r deflateParams) bool {
	switch {
	case r.anyClientBits:
		return false // it needs a value in a response
	case p.serverNoTakeover && !r.serverNoTakeover:
		return false
	case p.serverBits != 0 && (r.serverBits == 0 || r.serverBits > p.serverBits):
		return false
	case r.clientBits != 0 && !p.anyClientBits && p.clientBits == 0:
		return false
	case p.clientBits != 0 && r.clientBits > p.clientBits:
		return false
	}
	return true
}

// agreed judges the extensions of a response to these offers. It returns nil if
// the server declined. The original takes every response that is well-formed;
// strictly, it has to accept one of the offers.
func agreed(offers []string, response head, strict bool) (*deflateParams, error) {
	values := response.values("Sec-WebSocket-Extensions")
	if len(values) == 0 {
		return nil, nil
	}
	if len(offers) == 0 {
		return nil, fmt.Errorf("autobahn: extension %q was not offered", values)
	}
	p, err := parseDeflate(strings.Join(values, ", "))
	if err != nil {
		return nil, err
	}
	if !strict && !p.anyClientBits {
		return &p, nil
	}
	for _, o := range offers {
		if offer, err := parseDeflate(o); err == nil && offer.accepts(p) {
			return &p, nil
		}
	}
	return nil, fmt.Errorf("autobahn: response %q accepts none of the offers %q", p, offers)
}

// deflatePolicy is what the fuzzing server wants of a client's offer.
type deflatePolicy struct {
	clientBits       int // asked for in the response, if not 0; the offer must allow it
	clientNoTakeover bool
}

// choose answers the first of a client's offers that one of the policies
// accepts, nil if there is none. A policy is tried on all offers before the next
// one. What an offer asks of the server is granted.
func choose(policies []deflatePolicy, request head) *deflateParams {
	for _, policy := range policies {
		for element := range strings.SplitSeq(strings.Join(request.values("Sec-WebSocket-Extensions"), ","), ",") {
			offer, err := parseDeflate(strings.Trim(element, " \t"))
			if err != nil {
				continue
			}
			if p := policy.answer(offer); p != nil {
				return p
			}
		}
	}
	return nil
}

func (d deflatePolicy) answer(offer deflateParams) *deflateParams {
	p := &deflateParams{
		serverNoTakeover: offer.serverNoTakeover,
		clientNoTakeover: d.clientNoTakeover,
		serverBits:       offer.serverBits,
	}
	if d.clientBits != 0 {
		if !offer.anyClientBits && offer.clientBits == 0 {
			return nil
		}
		p.clientBits = d.clientBits
		if offer.clientBits != 0 {
			p.clientBits = min(p.clientBits, offer.clientBits)
		}
	}
	return p
}
