package ws

import (
	"encoding/base64"
	"strings"
	"testing"
)

// TestValidKeyIsBase64Of16Bytes puts every byte everywhere and asks
// encoding/base64. Line ends, which that skips, cannot be in a field.
func TestValidKeyIsBase64Of16Bytes(t *testing.T) {
	const key = "dGhlIHNhbXBsZSBub25jZQ=="
	check := func(key string) {
		t.Helper()
		b, err := base64.StdEncoding.DecodeString(key)
		want := err == nil && len(b) == 16 && !strings.ContainsAny(key, "\r\n")
		if got := validKey([]byte(key)); got != want {
			t.Fatalf("validKey(%q) = %t, encoding/base64 says %t", key, got, want)
		}
	}
	for i := range key {
		for c := range 256 {
			check(key[:i] + string([]byte{byte(c)}) + key[i+1:])
		}
	}
	for _, other := range []string{"", "=", "==", key[:23], key + "=", "AAAA" + key, strings.Repeat("A", 24), strings.Repeat("A", 23) + "="} {
		check(other)
	}
}

// TestAcceptOfTheRFC is the example of RFC 6455, section 1.3.
func TestAcceptOfTheRFC(t *testing.T) {
	if got := string(appendAccept(nil, []byte("dGhlIHNhbXBsZSBub25jZQ=="))); got != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
		t.Errorf("got %q", got)
	}
}
