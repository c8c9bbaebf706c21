package connect

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"strings"
	"syscall"

	"github.com/wirews/wirews/ws"
)

// advised returns err with what to do against it in front, if that is known.
func advised(text string, err error) error {
	if advice := hint(err); advice != "" {
		text = advice + ": " + text
	}
	return &explained{text, err}
}

// hint returns what to do against an error of a dial; "" if nothing is known.
func hint(err error) string {
	if refusal, ok := errors.AsType[*ws.ResponseError](err); ok {
		return refusalHint(refusal)
	}
	if proxy, ok := errors.AsType[*ws.ProxyError](err); ok {
		if proxy.Status == http.StatusProxyAuthRequired || proxy.Status == http.StatusUnauthorized { // the latter of tinyproxy
			return "tell the proxy who you are, by --proxy http://name:password@host:port"
		}
		return "go without the proxy by --noproxy '*', or name another by --proxy"
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "trust a certificate of your own by --ca FILE, or every one by -k"
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return "name whom the certificate is for by --server-name, or trust every one by -k"
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired {
		return "trust every certificate by -k, also one that has expired"
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return "try ws:// instead of wss://, because the server speaks no TLS there"
	}
	if unknown, ok := errors.AsType[*net.DNSError](err); ok && unknown.IsNotFound {
		return "look at the name of the host"
	}
	if errors.Is(err, syscall.ECONNREFUSED) {
		return "start the server, or look at the port"
	}
	return ""
}

func refusalHint(refusal *ws.ResponseError) string {
	switch {
	case refusal.Status == 400 && strings.Contains(string(refusal.Body), "HTTPS"):
		return "try wss:// instead of ws://, because the server speaks TLS there"
	case refusal.Status == 401:
		return "say who you are by -u NAME or --bearer-file FILE"
	case refusal.Status == 403:
		return "try an --origin that the server wants"
	case refusal.Status == 404:
		return "look at the path of the URL"
	}
	return ""
}
