package proxydial

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"

	"github.com/wirews/wirews/internal/checkedio"
)

// What SOCKS 5 calls things (RFC 1928, sections 3 to 6; RFC 1929).
const (
	socksVersion = 5

	methodNone     = 0x00
	methodPassword = 0x02

	passwordVersion = 1

	commandConnect = 1

	addressIPv4 = 1
	addressName = 3
	addressIPv6 = 4
)

// replies are what a proxy says to a request (RFC 1928, section 6).
var replies = [...]string{
	1: "general SOCKS server failure",
	2: "connection not allowed by ruleset",
	3: "network unreachable",
	4: "host unreachable",
	5: "connection refused",
	6: "TTL expired",
	7: "command not supported",
	8: "address type not supported",
}

var (
	errSocksVersion  = errors.New("the answer is not one of SOCKS 5")
	errSocksMethod   = errors.New("no way to authenticate that both know; give a user and a password in its URL")
	errSocksPassword = errors.New("user or password refused")
	errSocksLength   = errors.New("user, password or name of the host is empty or longer than 255 bytes")
)

// socks asks the proxy at conn for a connection to target. It reads no byte more
// than the proxy's own.
func (d *Dialer) socks(conn net.Conn, target string) error {
	request, err := socksRequest(target)
	if err != nil {
		return err
	}
	if err := d.socksGreet(conn); err != nil {
		return err
	}
	if _, err := checkedio.Write(conn, request); err != nil {
		return err
	}
	var head [4]byte
	if err := readReply(conn, head[:], "connect"); err != nil {
		return err
	}
	if head[0] != socksVersion {
		return errSocksVersion
	}
	if code := head[1]; code != 0 {
		e := d.fault(target, nil)
		if e.Reason = "reply " + strconv.Itoa(int(code)); int(code) < len(replies) {
			e.Reason = replies[code]
		}
		return e
	}
	return skipAddress(conn, head[3])
}

// skipAddress reads the address that a reply ends with, and the port.
func skipAddress(conn net.Conn, kind byte) error {
	var b [256 + 2]byte
	size := 0
	switch kind {
	case addressIPv4:
		size = 4
	case addressIPv6:
		size = 16
	case addressName:
		if err := readReply(conn, b[:1], "connect"); err != nil {
			return err
		}
		size = int(b[0])
	default:
		return errSocksVersion
	}
	return readReply(conn, b[:size+2], "connect")
}

// readReply reads a part of a reply. The error says to what. Programs have been
// seen to look for these words, which are those of golang.org/x/net/proxy.
func readReply(conn net.Conn, p []byte, to string) error {
	_, err := checkedio.ReadFull(conn, p)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return fmt.Errorf("failed to read %s reply from SOCKS5 proxy: %w", to, err)
	}
	return nil
}

// socksGreet agrees on how to authenticate, and does so.
func (d *Dialer) socksGreet(conn net.Conn) error {
	hello := []byte{socksVersion, 1, methodNone}
	if d.Proxy.User != nil {
		hello = []byte{socksVersion, 2, methodNone, methodPassword}
	}
	if _, err := checkedio.Write(conn, hello); err != nil {
		return err
	}
	var answer [2]byte
	if err := readReply(conn, answer[:], "greeting"); err != nil {
		return err
	}
	switch {
	case answer[0] != socksVersion:
		return errSocksVersion
	case answer[1] == methodNone:
		return nil
	case answer[1] == methodPassword && d.Proxy.User != nil:
		return d.socksPassword(conn)
	}
	return errSocksMethod
}

// socksPassword is RFC 1929.
func (d *Dialer) socksPassword(conn net.Conn) error {
	user := d.Proxy.User.Username()
	password, _ := d.Proxy.User.Password()
	if len(user) == 0 || len(user) > 255 || len(password) == 0 || len(password) > 255 {
		return errSocksLength
	}
	b := append([]byte{passwordVersion, byte(len(user))}, user...)
	b = append(append(b, byte(len(password))), password...)
	if _, err := checkedio.Write(conn, b); err != nil {
		return err
	}
	var answer [2]byte
	if err := readReply(conn, answer[:], "password"); err != nil {
		return err
	}
	if answer[1] != 0 {
		return errSocksPassword
	}
	return nil
}

// socksRequest is the request for a connection. A name is left to the proxy.
func socksRequest(target string) ([]byte, error) {
	host, service, err := net.SplitHostPort(target)
	if err != nil {
		return nil, err
	}
	port, err := strconv.ParseUint(service, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("port %q: %w", service, err)
	}
	b := []byte{socksVersion, commandConnect, 0}
	switch ip, err := netip.ParseAddr(host); {
	case err == nil && ip.Unmap().Is4():
		v4 := ip.Unmap().As4()
		b = append(append(b, addressIPv4), v4[:]...)
	case err == nil:
		v6 := ip.As16()
		b = append(append(b, addressIPv6), v6[:]...)
	case host == "" || len(host) > 255:
		return nil, errSocksLength
	default:
		b = append(append(b, addressName, byte(len(host))), host...)
	}
	return binary.BigEndian.AppendUint16(b, uint16(port)), nil
}
