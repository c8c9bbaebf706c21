package h2

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpguts"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/wirews/wirews/internal/streamreq"
)

// connectFields turns an opening handshake of HTTP/1.1 into an extended CONNECT (RFC
// 8441, section 5).
func connectFields(req *http.Request) ([]hpack.HeaderField, error) {
	authority, err := authorityOf(req)
	if err != nil {
		return nil, err
	}
	fields := []hpack.HeaderField{
		{Name: ":method", Value: http.MethodConnect},
		{Name: ":protocol", Value: "websocket"},
		{Name: ":scheme", Value: req.URL.Scheme},
		{Name: ":path", Value: req.URL.RequestURI()},
		{Name: ":authority", Value: authority},
	}
	agent := false
	for name, values := range req.Header {
		lower := strings.ToLower(name)
		if streamreq.BelongsToHTTP1(lower) {
			continue
		}
		agent = agent || lower == "user-agent"
		for _, v := range values {
			if !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(v) {
				return nil, fmt.Errorf("h2: cannot send header %.64q", name)
			}
			fields = append(fields, hpack.HeaderField{Name: lower, Value: v, Sensitive: secret(lower)})
		}
	}
	if !agent {
		fields = append(fields, hpack.HeaderField{Name: "user-agent", Value: "Go-http-client/2.0"})
	}
	return fields, nil
}

func authorityOf(req *http.Request) (string, error) {
	host := req.Host
	if host == "" {
		host = req.URL.Host
	}
	host, err := httpguts.PunycodeHostPort(host)
	if err != nil || !httpguts.ValidHostHeader(host) {
		return "", fmt.Errorf("h2: cannot send host %.64q", req.Host)
	}
	return host, nil
}

// secret tells the fields that compression must not help to guess (RFC 7541, section
// 7.1).
func secret(name string) bool {
	return name == "authorization" || name == "proxy-authorization" || name == "cookie"
}

// sizeOf is what SETTINGS_MAX_HEADER_LIST_SIZE counts.
func sizeOf(fields []hpack.HeaderField) (n uint64) {
	for _, f := range fields {
		n += uint64(f.Size())
	}
	return n
}

// response is the head of a response.
type response struct {
	status int
	header http.Header
}

// receiveHeaders takes the head of a response, an interim one, or trailers.
func (s *stream) receiveHeaders(f *http2.MetaHeadersFrame) *StreamError {
	switch {
	case f.Truncated:
		return streamFault(http2.ErrCodeEnhanceYourCalm, errLongHeaders.Error())
	case s.ended:
		return streamFault(http2.ErrCodeStreamClosed, "HEADERS after the end")
	case s.response != nil && (!f.StreamEnded() || len(f.PseudoFields()) > 0):
		return streamFault(http2.ErrCodeProtocol, "trailers that are none")
	case s.response != nil:
		s.receiveEnd()
		return nil
	}
	r, err := parseResponse(f)
	if err != nil {
		return streamFault(http2.ErrCodeProtocol, err.Error())
	}
	if r.status < 200 {
		if s.interim++; s.interim > maxInterim || f.StreamEnded() || r.status == http.StatusSwitchingProtocols {
			return streamFault(http2.ErrCodeProtocol, "interim responses without end")
		}
		return nil
	}
	s.answered(r)
	if f.StreamEnded() {
		s.receiveEnd()
	}
	return nil
}

// maxInterim is how many interim responses a server may send.
const maxInterim = 16

func parseResponse(f *http2.MetaHeadersFrame) (*response, error) {
	text := f.PseudoValue("status")
	status, err := strconv.Atoi(text)
	if err != nil || len(text) != 3 || status < 100 {
		return nil, fmt.Errorf("status %.64q", text)
	}
	if len(f.PseudoFields()) != 1 {
		return nil, errors.New("pseudo-header fields of a request")
	}
	r := &response{status: status, header: make(http.Header)}
	for _, field := range f.RegularFields() {
		if streamreq.BelongsToHTTP1(field.Name) && field.Name != "content-length" && field.Name != "sec-websocket-accept" {
			return nil, fmt.Errorf("field %.64q", field.Name)
		}
		name := http.CanonicalHeaderKey(field.Name)
		r.header[name] = append(r.header[name], field.Value)
	}
	return r, nil
}
