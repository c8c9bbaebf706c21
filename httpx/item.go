package httpx

// Item is a token with parameters, such as one element of
// Sec-WebSocket-Extensions (RFC 6455, 9.1).
type Item struct {
	Name []byte // a token

	// Params is the valid text of the parameters. It begins with ';' or is
	// empty; NextParam walks it.
	Params []byte
}

// Param is one parameter of an [Item].
type Param struct {
	Name []byte // a token

	// Value is a token or, if Quoted, what stands between the quotes with its
	// backslashes still in: AppendUnquoted resolves them.
	Value []byte

	HasValue bool // false for a name alone; "a" and `a=""` differ
	Quoted   bool
}

// ParseItem parses one list element of the form
//
//	token *( OWS ";" OWS token [ "=" ( token / quoted-string ) ] )
//
// and validates all of it, so that [NextParam] cannot fail afterwards.
// Whitespace around "=" is refused: RFC 6455, 9.1 has none. So is whitespace
// around the element, which [NextElement] has removed. The [Item] aliases elem.
// The error is a [*SyntaxError].
func ParseItem(elem []byte) (Item, error) {
	n := span(elem, tchar)
	params := trimOWSLeft(elem[n:])
	if n == 0 || n < len(elem) && len(params) == 0 {
		return Item{}, syntaxError("token", elem)
	}
	for rest := params; len(rest) > 0; {
		var ok bool
		if _, rest, ok = NextParam(rest); !ok {
			return Item{}, syntaxError("parameter", elem)
		}
	}
	return Item{Name: elem[:n], Params: params}, nil
}

// NextParam returns the first parameter of params, the Params of an [Item], and
// the rest for the next call. Both alias params. At the end ok is false; so it
// is for text that is not valid, which [ParseItem] does not let through.
func NextParam(params []byte) (p Param, rest []byte, ok bool) {
	if len(params) == 0 || params[0] != ';' {
		return Param{}, nil, false
	}
	b := trimOWSLeft(params[1:])
	n := span(b, tchar)
	if n == 0 {
		return Param{}, nil, false
	}
	p.Name, b = b[:n], b[n:]
	if len(b) > 0 && b[0] == '=' {
		if n = p.setValue(b[1:]); n == 0 {
			return Param{}, nil, false
		}
		b = b[1+n:]
	}
	rest = trimOWSLeft(b)
	// Whitespace belongs before a semicolon, not at the end.
	if len(rest) == 0 && len(b) > 0 {
		return Param{}, nil, false
	}
	return p, rest, true
}

// setValue sets p's value to what b begins with and returns its size on the
// wire, 0 if b does not begin with a value.
func (p *Param) setValue(b []byte) int {
	n := span(b, tchar)
	if n > 0 {
		p.Value, p.HasValue = b[:n], true
		return n
	}
	if n = quotedSpan(b); n > 0 {
		p.Value, p.HasValue, p.Quoted = b[1:n-1], true, true
	}
	return n
}
