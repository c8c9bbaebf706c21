package natsbus

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// TopicError is the error of a topic that is empty or too long.
type TopicError struct{ Topic string }

func (e *TopicError) Error() string {
	return fmt.Sprintf("natsbus: a topic has %d bytes; 1 to %d are allowed", len(e.Topic), maxTopic)
}

const maxTopic = 128

// token returns a topic as a token of a subject: a topic may have any bytes, and a
// token may not.
func token(topic string) (string, error) {
	if len(topic) < 1 || len(topic) > maxTopic {
		return "", &TopicError{topic}
	}
	return base64.RawURLEncoding.EncodeToString([]byte(topic)), nil
}

// own is the token of what a bus publishes for itself. No topic has it: theirs have two
// characters at least.
const own = "-"

// topicOf returns the topic of a subject, whose last token it is. There is none in what
// a bus publishes for itself, nor in what others publish.
func topicOf(subject string) (topic string, ok bool) {
	last := subject[strings.LastIndexByte(subject, '.')+1:]
	b, err := base64.RawURLEncoding.DecodeString(last)
	return string(b), err == nil && last != own && len(b) > 0
}
