package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/url"
	"os"

	"github.com/spf13/cobra"

	"github.com/wirews/wirews/cmd/internal/connect"
)

// tlsFlags are what a client says about TLS.
type tlsFlags struct {
	ca, cert, key string
	serverName    string
	insecure      bool
}

func (f *tlsFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.ca, "ca", "", "`file` with the certificates to trust, in PEM, instead of the system's")
	flags.StringVar(&f.cert, "cert", "", "`file` with a client certificate in PEM; needs --key")
	flags.StringVar(&f.key, "key", "", "`file` with its key in PEM")
	flags.StringVar(&f.serverName, "server-name", "", "`name` that the server's certificate is to be for, if not the URL's host")
	flags.BoolVarP(&f.insecure, "insecure", "k", false, "trust every certificate")
	for _, name := range []string{"ca", "cert", "key"} {
		cmd.MarkFlagFilename(name, "pem", "crt", "key")
	}
}

// config returns nil if no flag asks for anything.
func (f tlsFlags) config() (*tls.Config, error) {
	if f == (tlsFlags{}) {
		return nil, nil
	}
	config := &tls.Config{ServerName: f.serverName, InsecureSkipVerify: f.insecure}
	if f.ca != "" {
		pem, err := os.ReadFile(f.ca)
		if err != nil {
			return nil, err
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s has no certificate in PEM", f.ca)
		}
	}
	if f.cert != "" {
		pair, err := tls.LoadX509KeyPair(f.cert, f.key)
		if err != nil {
			return nil, fmt.Errorf("TLS certificate %q with key %q: %w", f.cert, f.key, err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

// proxyFlags say which proxy a client goes through.
type proxyFlags struct{ proxy, noProxy string }

func (f *proxyFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.proxy, "proxy", "", "`proxy` to go through, as http://host:3128, https://host or socks5h://host:1080, with name:password@ before the host if it wants them; by default that of the environment")
	flags.StringVar(&f.noProxy, "noproxy", "", "`hosts` to go to without a proxy, as NO_PROXY lists them; * for all")
}

func (f proxyFlags) find() (func(*url.URL) (*url.URL, error), error) {
	return connect.ProxyFunc(f.proxy, f.noProxy)
}

// certFlags are the certificate of a server.
type certFlags struct{ cert, key string }

func (f *certFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.cert, "tls-cert", "", "`file` with a TLS certificate in PEM; needs --tls-key")
	flags.StringVar(&f.key, "tls-key", "", "`file` with the certificate's key in PEM")
	for _, name := range []string{"tls-cert", "tls-key"} {
		cmd.MarkFlagFilename(name, "pem", "crt", "key")
	}
}

// config returns nil if there is no certificate.
func (f certFlags) config() (*tls.Config, error) {
	if f == (certFlags{}) {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		return nil, fmt.Errorf("TLS certificate %q with key %q: %w", f.cert, f.key, err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}}, nil
}
