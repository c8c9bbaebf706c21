package ws

import (
	"bytes"
	"slices"

	"github.com/gobwas/httphead"

	"github.com/wirews/wirews/httpx"
)

// selectProtocol returns the first subprotocol of the offered lists that
// accept wants. All lines are parsed before any is asked about (RFC 6455,
// section 4.1, item 10: "1#token"), so that no part of a malformed list can
// be selected.
func selectProtocol(fields httpx.Fields, accept func([]byte) bool) (string, error) {
	var selected []byte
	for list := range fields.Values("Sec-WebSocket-Protocol") {
		for {
			token, rest, err := httpx.NextToken(list)
			if err != nil {
				return "", malformedRequest(err)
			}
			if token == nil {
				break
			}
			if selected == nil && accept != nil && accept(token) {
				selected = token
			}
			list = rest
		}
	}
	return string(selected), nil
}

// preferProtocol returns the first of ours that the client offers, spelt as the
// client does.
func preferProtocol(fields httpx.Fields, ours []string) (string, error) {
	var selected []byte
	_, err := selectProtocol(fields, func(offered []byte) bool {
		for i, p := range ours {
			if httpx.EqualFold(offered, p) {
				selected, ours = offered, ours[:i] // only a better one replaces it
				break
			}
		}
		return false
	})
	if err != nil {
		return "", err
	}
	return string(selected), nil
}

func malformedRequest(err error) error { return rejectCause(ErrMalformedRequest, err) }

// eachExtension calls f for every element of the Sec-WebSocket-Extensions
// lines (RFC 6455, section 9.1), until it returns an error. The option's
// slices alias the fields. What does not parse becomes the error that
// malformed makes of it.
func eachExtension(fields httpx.Fields, malformed func(error) error, f func(httphead.Option) error) error {
	for i := range fields {
		if !httpx.EqualFold(fields[i].Name, "Sec-WebSocket-Extensions") {
			continue
		}
		list := fields[i].Value
		for {
			elem, rest, err := httpx.NextElement(list)
			if err != nil {
				return malformed(err)
			}
			if elem == nil {
				break
			}
			if err = parseExtension(elem, malformed, f); err != nil {
				return err
			}
			list = rest
		}
	}
	return nil
}

func parseExtension(elem []byte, malformed func(error) error, f func(httphead.Option) error) error {
	if f == nil {
		// An Option has 400 bytes: not worth filling where nobody asks.
		if err := parseOption(elem, nil); err != nil {
			return malformed(err)
		}
		return nil
	}
	var opt httphead.Option
	if err := parseOption(elem, &opt); err != nil {
		return malformed(err)
	}
	return f(opt)
}

// parseOption checks elem, and sets opt, which is zero, to what it says if it
// is not nil.
func parseOption(elem []byte, opt *httphead.Option) error {
	item, err := httpx.ParseItem(elem)
	if err != nil {
		return err
	}
	if opt == nil && bytes.IndexByte(elem, '"') < 0 {
		return nil // tokens only, which ParseItem has checked
	}
	if opt != nil {
		opt.Name = item.Name
	}
	for params := item.Params; ; {
		p, rest, ok := httpx.NextParam(params)
		if !ok {
			return nil
		}
		value := p.Value
		if p.Quoted {
			value = httpx.AppendUnquoted(nil, value)
			// RFC 6455, 9.1: "the value after quoted-string unescaping MUST
			// conform to the 'token' ABNF."
			if !httpx.IsToken(value) {
				return &httpx.SyntaxError{Part: "parameter", Value: string(cut(value))}
			}
		}
		if opt != nil {
			opt.Parameters.Set(p.Name, value)
		}
		params = rest
	}
}

// appendExtensions appends the field Sec-WebSocket-Extensions, if there is
// something to put into it.
func appendExtensions(dst []byte, options []httphead.Option) ([]byte, error) {
	if len(options) == 0 {
		return dst, nil
	}
	start := len(dst)
	dst = append(dst, "Sec-WebSocket-Extensions: "...)
	for i := range options {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		name := options[i].Name
		if !httpx.IsToken(name) {
			return dst[:start], &httpx.SyntaxError{Part: "token", Value: string(cut(name))}
		}
		dst = append(dst, name...)
		var err error
		options[i].Parameters.ForEach(func(key, value []byte) bool {
			switch {
			case len(value) == 0:
				dst, err = httpx.AppendParamName(dst, key)
			case !httpx.IsToken(value):
				// 9.1: even quoted, a value has to be a token.
				err = &httpx.SyntaxError{Part: "parameter", Value: string(cut(value))}
			default:
				dst, err = httpx.AppendParam(dst, key, value)
			}
			return err == nil
		})
		if err != nil {
			return dst[:start], err
		}
	}
	return append(dst, "\r\n"...), nil
}

func hasExtension(options []httphead.Option, name []byte) bool {
	for i := range options {
		if string(options[i].Name) == string(name) {
			return true
		}
	}
	return false
}

// cloneOption copies opt out of the buffer that it may alias.
func cloneOption(opt httphead.Option) httphead.Option {
	c := httphead.Option{Name: slices.Clone(opt.Name)}
	opt.Parameters.ForEach(func(key, value []byte) bool {
		c.Parameters.Set(slices.Clone(key), slices.Clone(value))
		return true
	})
	return c
}
