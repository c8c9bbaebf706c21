package inflate

// Error says what is wrong with the compressed data.
type Error string

// Error implements error.
func (e Error) Error() string { return "inflate: " + string(e) }

// The faults that compressed data can have. After one, an Inflater only
// repeats it, until Reset.
const (
	ErrBlockType     Error = "block type 3 does not exist"
	ErrStoredLength  Error = "length of a stored block does not match its complement"
	ErrCodeCount     Error = "more than 286 literal or 30 distance codes"
	ErrCodeLengths   Error = "code lengths do not make a prefix code"
	ErrRepeat        Error = "repeated code length where there is none before it or no room behind it"
	ErrNoEndOfBlock  Error = "block has no code for its end"
	ErrUnusedCode    Error = "code that stands for nothing"
	ErrDistance      Error = "distance reaches behind the first byte or out of the window"
	ErrUnexpectedEnd Error = "message ends inside a block"
)
