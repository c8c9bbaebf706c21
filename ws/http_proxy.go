package ws

import (
	"net/http"
	"net/url"
)

// ProxyFromEnvironment is a Dialer.Proxy that finds the proxy in HTTP_PROXY,
// HTTPS_PROXY and NO_PROXY, as http.ProxyFromEnvironment does: HTTP_PROXY is for
// ws, and HTTPS_PROXY for wss.
func ProxyFromEnvironment(u *url.URL) (*url.URL, error) {
	return http.ProxyFromEnvironment(&http.Request{URL: u})
}
