package ws

import (
	"bytes"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/internal/redact"
)

// offer is what a head says about the handshake, gathered in one pass over its
// fields. Its slices alias the head.
type offer struct {
	upgrade    []byte // the last line of that name, for the error's sake
	connection []byte
	key        []byte
	version    []byte
	origin     []byte
	host       []byte
	accept     []byte
	extension  []byte
	body       []byte // what announces a body
	early      []byte // what stands after the head, where nothing may

	isUpgrade    bool // "websocket" is an element of Upgrade
	isConnection bool // "Upgrade" is an element of Connection
	keys         int  // number of lines
	versions     int
	origins      int
	accepts      int
	protocols    int
	extensions   int
}

// read gathers what the fields say.
func (o *offer) read(fields httpx.Fields) {
	for i := range fields {
		f := &fields[i]
		if len(f.Name) == 0 {
			continue // AppendResponse refuses it
		}
		// kindOf cannot be inlined: most other fields end here, without a call.
		c := candidateFor(f.Name, &candidates)
		if len(f.Name) != len(c.name) || !c.matches(f.Name) {
			continue
		}
		switch c.kind {
		case hostField:
			o.host = f.Value
		case upgradeField:
			o.upgrade = f.Value
			o.isUpgrade = o.isUpgrade || string(f.Value) == "websocket" || hasElement(f.Value, "websocket")
		case connectionField:
			o.connection = f.Value
			o.isConnection = o.isConnection || string(f.Value) == "Upgrade" || hasElement(f.Value, "Upgrade")
		case keyField:
			o.key = f.Value
			o.keys++
		case versionField:
			o.version = f.Value
			o.versions++
		case originField:
			o.origin = f.Value
			o.origins++
		case acceptField:
			o.accept = f.Value
			o.accepts++
		case protocolField:
			o.protocols++
		case extensionsField:
			o.extension = f.Value
			o.extensions++
		case contentLengthField:
			if n, err := httpx.ParseUint(f.Value, 0); err != nil || n != 0 {
				o.body = f.Value
			}
		case transferEncodingField:
			o.body = f.Value
		}
	}
}

// hasElement reports whether the comma list has the element, whatever its
// case.
func hasElement(list []byte, element string) bool {
	if httpx.EqualFold(list, element) {
		return true
	}
	for {
		e, rest, err := httpx.NextElement(list)
		if err != nil || e == nil {
			return false
		}
		if httpx.EqualFold(e, element) {
			return true
		}
		list = rest
	}
}

// asksForWebSocket tells a client that wants this protocol, whatever else is
// wrong with its request, from one that wants something else.
func (o *offer) asksForWebSocket() bool { return o.isUpgrade }

// check applies RFC 6455, section 4.2.1. The error is a rejection.
func (o *offer) check(req *httpx.Request) error {
	switch {
	// Item 1: "An HTTP/1.1 or higher GET request". This is a reader of
	// HTTP/1 heads: 2.0 here is not HTTP/2.
	case req.Version.Major != 1 || req.Version.Minor < 1:
		return reject(ErrHandshakeBadProtocol, versionText(req.Version))
	case string(req.Method) != "GET":
		return reject(ErrHandshakeBadMethod, req.Method)
	}
	if err := o.readTarget(req.Target); err != nil {
		return err
	}
	switch {
	// Item 2.
	case len(o.host) == 0:
		return reject(ErrHandshakeBadHost, "")
	// Item 3: "containing the value "websocket", treated as an ASCII
	// case-insensitive value."
	case !o.isUpgrade:
		return reject(ErrHandshakeBadUpgrade, o.upgrade)
	// Item 4: "includes the token "Upgrade"".
	case !o.isConnection:
		return reject(ErrHandshakeBadConnection, o.connection)
	// Item 5. 11.3.1: it "MUST NOT appear more than once".
	case o.keys != 1 || !validKey(o.key):
		return reject(ErrHandshakeBadSecKey, o.key)
	// Item 6. 11.3.5: it "MUST NOT appear more than once" in a request.
	case o.versions != 1 || len(o.version) == 0:
		return reject(ErrHandshakeBadSecVersion, o.version)
	case string(o.version) != "13":
		return reject(ErrHandshakeUpgradeRequired, o.version)
	case o.body != nil:
		return reject(ErrHandshakeBadBody, o.body)
	case len(o.early) > 0:
		return reject(ErrHandshakeEarlyData, o.early)
	}
	return nil
}

func versionText(v httpx.Version) []byte {
	return []byte{'H', 'T', 'T', 'P', '/', '0' + v.Major, '.', '0' + v.Minor}
}

// readTarget applies RFC 6455, section 4.1, item 2 of the request: the target
// is a resource name or an absolute http or https URI; proxies and clients that
// put the ws or wss URI itself there mean the same. The error is a rejection.
func (o *offer) readTarget(target []byte) error {
	// Section 3: fragment identifiers "MUST NOT be used on these URIs".
	if bytes.IndexByte(target, '#') >= 0 {
		return reject(ErrMalformedRequest, redact.Target(target))
	}
	// A request made by hand for net/http may have none.
	if len(target) == 0 || target[0] == '/' {
		return nil
	}
	scheme, host, ok := httpx.CutTarget(target)
	if !ok || !isHTTP(scheme) && !isHTTPS(scheme) {
		return reject(ErrMalformedRequest, redact.Target(target))
	}
	if !httpx.IsHost(host) {
		return reject(ErrHandshakeBadHost, redact.Target(target))
	}
	// RFC 9112, 3.2.2: the server "MUST ignore the received Host header field
	// (if any) and instead use the host information of the request-target."
	o.host = host
	return nil
}

// isHTTP reports whether the scheme is one for port 80: RFC 6455, section 3,
// gives ws the default port of http.
func isHTTP(scheme []byte) bool {
	return httpx.EqualFold(scheme, "http") || httpx.EqualFold(scheme, "ws")
}

// isHTTPS is isHTTP for port 443.
func isHTTPS(scheme []byte) bool {
	return httpx.EqualFold(scheme, "https") || httpx.EqualFold(scheme, "wss")
}
