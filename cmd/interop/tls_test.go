package interop_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// identity is a certificate for 127.0.0.1, and the files that others have it
// from. It is its own authority.
type identity struct {
	pair            tls.Certificate
	roots           *x509.CertPool
	cert, key, both string // files
}

func newIdentity(t *testing.T) identity {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "wirews interop"},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(24 * time.Hour),
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	cert, private := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})
	dir := t.TempDir()
	id := identity{
		roots: x509.NewCertPool(),
		cert:  filepath.Join(dir, "cert.pem"), key: filepath.Join(dir, "key.pem"), both: filepath.Join(dir, "both.pem"),
	}
	id.roots.AppendCertsFromPEM(cert)
	for file, b := range map[string][]byte{id.cert: cert, id.key: private, id.both: append(cert, private...)} {
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if id.pair, err = tls.X509KeyPair(cert, private); err != nil {
		t.Fatal(err)
	}
	return id
}

func (id identity) serverConfig() *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{id.pair}}
}

// trust is the environment in which a script trusts the certificate.
func (id identity) trust() []string {
	return []string{"SSL_CERT_FILE=" + id.cert, "NODE_EXTRA_CA_CERTS=" + id.cert}
}

// serve is the environment in which a script's server speaks TLS.
func (id identity) serve() []string {
	return []string{"CERT=" + id.cert, "KEY=" + id.key}
}
