package connect

import (
	"cmp"
	"fmt"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"

	"golang.org/x/net/http/httpproxy"

	"github.com/wirews/wirews/ws"
)

// ProxyFunc returns what finds the proxy for a URL, whose scheme is http or
// https: the one that is given, or else that of the environment (HTTP_PROXY,
// HTTPS_PROXY, ALL_PROXY and NO_PROXY, in capitals or not). Without a scheme it is
// an HTTP proxy. noProxy is a list as NO_PROXY has it, and takes its place if it is
// not empty.
func ProxyFunc(proxy, noProxy string) (func(*url.URL) (*url.URL, error), error) {
	config := httpproxy.FromEnvironment()
	config.NoProxy = cmp.Or(noProxy, config.NoProxy)
	if proxy == "" {
		all := cmp.Or(os.Getenv("ALL_PROXY"), os.Getenv("all_proxy"))
		config.HTTPProxy = cmp.Or(config.HTTPProxy, all)
		config.HTTPSProxy = cmp.Or(config.HTTPSProxy, all)
		return config.ProxyFunc(), nil
	}
	if !strings.Contains(proxy, "://") {
		proxy = "http://" + proxy
	}
	u, err := url.Parse(proxy)
	if err != nil {
		return nil, fmt.Errorf("--proxy: %w", reasonOf(err))
	}
	if !slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme) || u.Hostname() == "" {
		return nil, fmt.Errorf("--proxy %q: want one as http://host:3128, https://host or socks5h://host:1080: %w", u.Redacted(), ws.ErrProxyScheme)
	}
	config.HTTPProxy, config.HTTPSProxy, config.CGI = proxy, proxy, false
	choose := config.ProxyFunc()
	return func(target *url.URL) (*url.URL, error) {
		// The library never takes a proxy to this machine. Who names one means it.
		if isLoopback(target.Hostname()) && !slices.Contains(strings.Split(config.NoProxy, ","), target.Hostname()) && config.NoProxy != "*" {
			return u, nil
		}
		return choose(target)
	}, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// reasonOf returns what is wrong with a URL without the URL, which may have a
// password in it.
func reasonOf(err error) error {
	if bad, ok := err.(*url.Error); ok {
		return bad.Err
	}
	return err
}
