package websocket

import (
	"io"
	"strings"
)

// JoinMessages returns a reader of all messages that c receives, one after the
// other, with term after each of them. It must not be used by two goroutines at
// once, and nobody else may read from c.
func JoinMessages(c *Conn, term string) io.Reader { return &joined{c: c, term: term} }

type joined struct {
	c    *Conn
	term string
	r    io.Reader // of the message and its term; nil: the next one is due
}

// Read reads from the messages. The errors are those of Conn.NextReader.
func (j *joined) Read(p []byte) (int, error) {
	if j.r == nil {
		_, r, err := j.c.NextReader()
		if err != nil {
			return 0, err
		}
		j.r = io.MultiReader(r, strings.NewReader(j.term))
	}
	n, err := j.r.Read(p)
	if err == io.EOF {
		j.r, err = nil, nil
	}
	return n, err
}
