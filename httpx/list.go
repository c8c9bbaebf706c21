package httpx

import "bytes"

// NextElement returns the next element of a comma list (RFC 9110, 5.6.1)
// without the whitespace around it, and the rest of the list for the next
// call. Both alias list. Empty elements are skipped, as a recipient must (RFC
// 9110, 5.6.1.2); elem is nil at the end and with an error. Commas within a
// quoted string do not split. The error is a [*SyntaxError], for a quoted string
// that is not terminated or holds a byte that it cannot.
func NextElement(list []byte) (elem, rest []byte, err error) {
	for len(list) > 0 && (list[0] == ',' || isOWS(list[0])) {
		list = list[1:]
	}
	if len(list) == 0 {
		return nil, nil, nil
	}
	i := bytes.IndexByte(list, ',')
	if i < 0 {
		i = len(list)
	}
	quote := bytes.IndexByte(list[:i], '"')
	if quote < 0 {
		return trimOWSRight(list[:i]), list[i:], nil
	}
	i = quote
	for i < len(list) && list[i] != ',' {
		if list[i] != '"' {
			i++
			continue
		}
		n := quotedSpan(list[i:])
		if n == 0 {
			return nil, nil, syntaxError("quoted string", list[i:])
		}
		i += n
	}
	return trimOWSRight(list[:i]), list[i:], nil
}

// NextToken is [NextElement] for a list of tokens, such as the value of
// Connection or Sec-WebSocket-Protocol: an element that is not a token, as in
// "a b" or "v1/chat", is a [*SyntaxError].
func NextToken(list []byte) (token, rest []byte, err error) {
	token, rest, err = NextElement(list)
	if token != nil && !IsToken(token) {
		return nil, nil, syntaxError("token", token)
	}
	return token, rest, err
}
