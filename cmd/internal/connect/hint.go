package connect

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"strings"

	"github.com/wirews/wirews/ws"
)

// hint returns which flag helps against an error of a dial, to be put after it;
// "" if none is known.
func hint(err error) string {
	if refusal, ok := errors.AsType[*ws.ResponseError](err); ok {
		return refusalHint(refusal)
	}
	if proxy, ok := errors.AsType[*ws.ProxyError](err); ok {
		if proxy.Status == 407 {
			return "; the proxy wants to know who you are: --proxy http://name:password@host:port"
		}
		return "; --noproxy '*' goes without a proxy"
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "; --ca FILE trusts the certificates in a file, such as one of your own, and -k every certificate"
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return "; --server-name NAME wants the certificate to be for another name, and -k trusts every certificate"
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired {
		return "; -k trusts every certificate, also one that has expired"
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return "; the server speaks no TLS there: is it ws:// instead of wss://?"
	}
	return ""
}

func refusalHint(refusal *ws.ResponseError) string {
	switch {
	case refusal.Status == 400 && strings.Contains(string(refusal.Body), "HTTPS"):
		return "; the server speaks TLS there: is it wss:// instead of ws://?"
	case refusal.Status == 401:
		return "; -u NAME or --bearer-file FILE says who you are"
	case refusal.Status == 403:
		return "; --origin may be what the server wants"
	}
	return ""
}
