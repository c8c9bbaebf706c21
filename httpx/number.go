package httpx

// ParseUint parses 1*DIGIT as a number from 0 to max. Leading zeros are
// accepted; signs, spaces and any other byte are not. The error is a
// [*SyntaxError].
func ParseUint(b []byte, max int) (int, error) {
	n := 0
	for _, c := range b {
		d := int(c) - '0'
		// n*10+d > max, without the overflow.
		if d < 0 || d > 9 || n > (max-d)/10 || max < d {
			return 0, syntaxError("number", b)
		}
		n = n*10 + d
	}
	if len(b) == 0 || max < 0 {
		return 0, syntaxError("number", b)
	}
	return n, nil
}
