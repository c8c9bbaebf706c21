package refusal_test

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wirews/wirews/internal/refusal"
	"github.com/wirews/wirews/ws"
)

func TestReason(t *testing.T) {
	for _, tc := range []struct {
		err  error
		want string
	}{
		{ws.ErrHandshakeBadOrigin, refusal.Origin},
		{ws.ErrHandshakeBadSecVersion, refusal.Version},
		{ws.ErrHandshakeHTTP2, refusal.HTTP2},
		{ws.ErrHandshakeNotExtendedConnect, refusal.NotWebSocket},
		{ws.ErrHandshakeBadStreamProtocol, refusal.NotWebSocket},
		{ws.ErrHandshakeHeadTooLarge, refusal.TooLarge},
		{ws.ErrHandshakeBadSecKey, refusal.Malformed},
		{ws.ErrHandshakeBadStatus, refusal.Status},
		{context.Canceled, refusal.Cancelled},
		{os.ErrDeadlineExceeded, refusal.Timeout},
		{io.ErrUnexpectedEOF, refusal.Transport},
		{&net.OpError{Op: "read", Err: errors.New("reset")}, refusal.Transport},
		{errors.New("no"), refusal.Program},
		{nil, refusal.Program},
		{fmt.Errorf("%w: %w", io.EOF, ws.ErrHandshakeBadOrigin), refusal.Origin},
	} {
		if got := refusal.Reason(tc.err); got != tc.want {
			t.Errorf("%v: %q, want %q", tc.err, got, tc.want)
		}
	}
}

// Every rule of package ws that a peer can break has a reason of its own: a new one
// would count as an error of the program.
func TestEveryRuleOfTheHandshakeHasAReason(t *testing.T) {
	ours := map[string]bool{ // broken by the program, not by the peer
		"ErrNotHijacker": true, "ErrNotFlusher": true, "ErrHandshakeBadResponse": true,
	}
	table, err := os.ReadFile("refusal.go")
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "..", "ws", "reject.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	rules := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, "Err") {
			return true
		}
		rules++
		if name := spec.Names[0].Name; !ours[name] && !strings.Contains(string(table), "ws."+name) {
			t.Errorf("ws.%s has no reason", name)
		}
		return true
	})
	if rules < 15 {
		t.Errorf("%d rules are found in ws/reject.go", rules)
	}
}
