package natsbus

import (
	"encoding/base64"
	"strings"

	"github.com/wirews/wirews/wshub"
)

// token returns a topic as a token of a subject: a topic may have any bytes, and a
// token may not.
func token(topic string) (string, error) {
	if err := wshub.CheckTopic(topic); err != nil {
		return "", err
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
