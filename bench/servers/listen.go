package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"time"
)

// listen returns the listener of a server; one of TLS if that was asked for.
var listen = func(addr string) (net.Listener, error) { return net.Listen("tcp", addr) }

func listenTLS(config *tls.Config) func(string) (net.Listener, error) {
	return func(addr string) (net.Listener, error) { return tls.Listen("tcp", addr, config) }
}

// selfSigned returns the configuration of all servers over TLS: a new key on the
// curve P-256, and what crypto/tls does by default.
func selfSigned() (*tls.Config, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, nil
}

// perConn serves each connection in a goroutine of its own.
func perConn(serve func(net.Conn)) func(string, func(net.Addr)) error {
	return func(addr string, ready func(net.Addr)) error {
		l, err := listen(addr)
		if err != nil {
			return err
		}
		ready(l.Addr())
		for {
			conn, err := l.Accept()
			if err != nil {
				return err
			}
			go func() {
				defer conn.Close()
				serve(conn)
			}()
		}
	}
}
