package ws

import (
	"github.com/gobwas/httphead"

	"github.com/wirews/wirews/httpx"
)

// answersOffer reports whether the parameters that a server has answered are
// an answer to those offered. What the parameters of an extension mean is its
// own affair; but a client that takes a wrong answer for agreement reads
// garbage later, so those of the one registered extension that has any,
// permessage-deflate, are judged here (RFC 7692, section 7.1).
func answersOffer(offered, accepted httphead.Option) bool {
	if string(accepted.Name) != "permessage-deflate" {
		return true
	}
	ok := true
	seen := make(map[string]bool, 4)
	accepted.Parameters.ForEach(func(key, value []byte) bool {
		ok = !seen[string(key)] && validDeflateAnswer(offered, string(key), value)
		seen[string(key)] = true
		return ok
	})
	return ok && answersConstraints(offered, seen)
}

// validDeflateAnswer judges one parameter of a permessage-deflate answer.
func validDeflateAnswer(offered httphead.Option, key string, value []byte) bool {
	switch key {
	// 7.1.1: they have no value.
	case "server_no_context_takeover", "client_no_context_takeover":
		return len(value) == 0
	// 7.1.2.1: an answer may lower what was offered, and may be given without
	// an offer.
	case "server_max_window_bits":
		bits, ok := windowBits(value)
		limit := 15
		if v, has := offered.Parameters.Get(key); has {
			limit, _ = windowBits(v)
		}
		return ok && bits <= limit
	// 7.1.2.2: the server "MUST NOT" limit the client's window if the client
	// did not offer it.
	case "client_max_window_bits":
		v, has := offered.Parameters.Get(key)
		bits, ok := windowBits(value)
		limit := 15
		if len(v) > 0 {
			limit, _ = windowBits(v)
		}
		return has && ok && bits <= limit
	}
	return false
}

// answersConstraints reports whether the answer takes up the constraints on
// the server that the client has asked for: 7.1.1.1 and 7.1.2.1 let the server
// accept them or decline the extension, nothing else.
func answersConstraints(offered httphead.Option, answered map[string]bool) bool {
	for _, key := range [...]string{"server_no_context_takeover", "server_max_window_bits"} {
		if _, asked := offered.Parameters.Get(key); asked && !answered[key] {
			return false
		}
	}
	return true
}

// windowBits parses 8 to 15, without leading zeros (7.1.2).
func windowBits(v []byte) (bits int, ok bool) {
	if len(v) == 0 || v[0] == '0' {
		return 0, false
	}
	bits, err := httpx.ParseUint(v, 15)
	return bits, err == nil && bits >= 8
}
