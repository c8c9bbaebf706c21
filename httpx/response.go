package httpx

// Response is the head of a response. Its slices alias the bytes it was
// parsed from.
type Response struct {
	Version Version
	Status  int    // 100 to 999
	Reason  []byte // may be empty; HTAB, SP, visible ASCII and bytes from 0x80 up
	Fields  Fields
}

// ParseResponse parses the head of a response (RFC 9112, 4), which ends with
// its empty line: head[:n] with the n of Scan. The fields are appended to
// fields[:0]; nothing is allocated when its capacity suffices. The [Response] is
// valid as long as neither head nor fields is used again.
//
// A status line without a reason may lack the space after the status, which
// RFC 9112 demands: servers in use leave it out. The error is a [*SyntaxError];
// the Response is zero then.
func ParseResponse(head []byte, fields Fields) (Response, error) {
	line, rest, err := cutLine(head)
	if err != nil {
		return Response{}, err
	}
	r, err := parseStatusLine(line)
	if err != nil {
		return Response{}, err
	}
	if r.Fields, err = parseFieldSection(rest, fields); err != nil {
		return Response{}, err
	}
	return r, nil
}

// parseStatusLine parses HTTP-version SP 3DIGIT [ SP reason ].
func parseStatusLine(line []byte) (Response, error) {
	const statusAt, statusEnd = 9, 12
	if len(line) < statusEnd || line[statusAt-1] != ' ' {
		return Response{}, syntaxError("status line", line)
	}
	v, ok := parseVersion(line[:statusAt-1])
	if !ok {
		return Response{}, syntaxError("version", line[:statusAt-1])
	}
	status, err := ParseUint(line[statusAt:statusEnd], 999)
	if err != nil || status < 100 {
		return Response{}, syntaxError("status", line[statusAt:])
	}
	reason := line[statusEnd:]
	if len(reason) > 0 {
		if reason[0] != ' ' {
			return Response{}, syntaxError("status", line[statusAt:])
		}
		reason = reason[1:]
	}
	if fieldTextSpan(reason) != len(reason) {
		return Response{}, syntaxError("reason", reason)
	}
	return Response{Version: v, Status: status, Reason: reason}, nil
}
