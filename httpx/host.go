package httpx

// CheckHost returns the value of the Host field, which a request must have
// exactly once from HTTP/1.1 on (RFC 9112, 3.2). The value is valid as [IsHost]
// says, or empty, as it is for a target without an authority. It aliases what
// was parsed. The error is a [*SyntaxError].
func CheckHost(f Fields) (host []byte, err error) {
	found := false
	for i := range f {
		if !EqualFold(f[i].Name, "Host") {
			continue
		}
		v := f[i].Value
		if found {
			// Two lines read together as one list, which is no host either.
			return nil, syntaxError("host", string(host)+", "+string(v))
		}
		host, found = v, true
	}
	if !found || len(host) > 0 && !IsHost(host) {
		return nil, syntaxError("host", host)
	}
	return host, nil
}

// IsHost reports whether v is uri-host [ ":" port ] (RFC 9110, 7.2; RFC 3986,
// 3.2.2): a name or IPv4 address, or an IP literal in brackets. The host must
// not be empty (RFC 9110, 4.2.1). The port may be; it is at most 65535. Names
// are not resolved, and a name need not be one that DNS allows.
func IsHost[T text](v T) bool {
	n := hostSpan(v)
	if n == 0 || n == len(v) {
		return n > 0
	}
	return v[n] == ':' && isPort(v[n+1:])
}

func isPort[T text](v T) bool {
	port := 0
	for i := range len(v) {
		if v[i] < '0' || v[i] > '9' {
			return false
		}
		if port = port*10 + int(v[i]-'0'); port > 65535 {
			return false
		}
	}
	return true
}

// hostSpan returns the size of the host that v begins with, 0 if none.
func hostSpan[T text](v T) int {
	if len(v) > 0 && v[0] == '[' {
		return literalSpan(v)
	}
	i := span(v, regName)
	for isPercentEncoded(v[i:]) {
		i += 3
		i += span(v[i:], regName)
	}
	return i
}

func isPercentEncoded[T text](v T) bool {
	return len(v) >= 3 && v[0] == '%' && hexDigit.has(v[1]) && hexDigit.has(v[2])
}

// literalSpan returns the size of the IP-literal that v begins with, brackets
// included, 0 if none.
func literalSpan[T text](v T) int {
	for i := range len(v) {
		if v[i] == ']' {
			if isIPv6(v[1:i]) || isIPvFuture(v[1:i]) {
				return i + 1
			}
			return 0
		}
	}
	return 0
}

// isIPvFuture: "v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" )
func isIPvFuture[T text](v T) bool {
	if len(v) == 0 || lower(v[0]) != 'v' {
		return false
	}
	n := 1 + span(v[1:], hexDigit)
	if n == 1 || n+1 >= len(v) || v[n] != '.' {
		return false
	}
	for i := n + 1; i < len(v); i++ {
		if v[i] != ':' && !regName.has(v[i]) {
			return false
		}
	}
	return true
}

// isIPv6: eight groups of 16 bits, of which "::" may stand for one or more and
// an IPv4 address for the last two. Zones have no place in a URI's host.
func isIPv6[T text](v T) bool {
	groups, elided := 0, false
	if len(v) >= 2 && v[0] == ':' && v[1] == ':' {
		elided = true
		v = v[2:]
	}
	for len(v) > 0 {
		n := span(v, hexDigit)
		if n > 0 && n < len(v) && v[n] == '.' {
			groups += 2
			return isIPv4(v) && (groups == 8 || elided && groups < 8)
		}
		if n == 0 || n > 4 {
			return false
		}
		groups++
		v = v[n:]
		if len(v) == 0 {
			break
		}
		if v[0] != ':' || len(v) == 1 {
			return false
		}
		v = v[1:]
		if v[0] == ':' {
			if elided {
				return false
			}
			elided = true
			v = v[1:]
		}
	}
	return groups == 8 || elided && groups < 8
}

// isIPv4: four numbers from 0 to 255 without leading zeros.
func isIPv4[T text](v T) bool {
	for dots := 3; ; dots-- {
		n, octet := 0, 0
		for n < len(v) && n < 3 && '0' <= v[n] && v[n] <= '9' {
			octet = octet*10 + int(v[n]-'0')
			n++
		}
		if n == 0 || octet > 255 || n > 1 && v[0] == '0' {
			return false
		}
		if dots == 0 || n == len(v) || v[n] != '.' {
			return dots == 0 && n == len(v)
		}
		v = v[n+1:]
	}
}
