package guides

import (
	"os/exec"
	"reflect"
	"strings"
	"testing"

	hertzws "github.com/hertz-contrib/websocket"
	nbws "github.com/lesismal/nbio/nbhttp/websocket"
	"github.com/lxzan/gws"
)

// options are the structs whose every field a page has an answer to.
var options = map[string][]any{
	"gws":   {gws.ServerOption{}, gws.ClientOption{}, gws.PermessageDeflate{}, gws.Server{}},
	"hertz": {hertzws.HertzUpgrader{}, hertzws.ClientUpgrader{}},
	"nbio":  {nbws.Upgrader{}, nbws.Dialer{}},
}

func TestThePagesAnswerEveryOption(t *testing.T) {
	for _, g := range guides {
		page := page(t, g)
		for _, o := range options[g.name] {
			for _, f := range reflect.VisibleFields(reflect.TypeOf(o)) {
				if f.IsExported() && !strings.Contains(page, "`"+f.Name+"`") {
					t.Errorf("the page on %s has no answer to %T.%s", g.name, o, f.Name)
				}
			}
		}
	}
}

// methods are the types whose every method a page names.
var methods = map[string][]any{
	"gws":   {new(gws.Conn), new(gws.Broadcaster), new(gws.BuiltinEventHandler), new(gws.Server), new(gws.Upgrader)},
	"hertz": {new(hertzws.Conn), new(hertzws.HertzUpgrader), new(hertzws.ClientUpgrader)},
	"nbio":  {new(nbws.Conn), new(nbws.Upgrader), new(nbws.Dialer)},
}

// netConn are methods of a net.Conn, which nbio's embeds: nobody looks for them in a
// guide.
var netConn = reflect.TypeFor[interface {
	Read([]byte) (int, error)
}]()

func TestThePagesNameEveryMethod(t *testing.T) {
	for _, g := range guides {
		page := page(t, g)
		for _, v := range methods[g.name] {
			typ := reflect.TypeOf(v)
			for i := range typ.NumMethod() {
				name := typ.Method(i).Name
				if _, ok := netConn.MethodByName(name); !ok && !strings.Contains(page, "`"+name+"`") && !strings.Contains(page, "."+name+"`") {
					t.Errorf("the page on %s does not name the method %s of %v", g.name, name, typ)
				}
			}
		}
	}
}

// go doc -short lists one name of a group of variables or constants; the page has
// the group.
func TestThePagesNameEveryIdentifier(t *testing.T) {
	for _, g := range guides {
		page := page(t, g)
		out, err := exec.Command("go", "doc", "-short", g.pkg).Output()
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for line := range strings.Lines(string(out)) {
			f := strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" (\t\n=[", r) })
			if len(f) < 2 || f[0] != "func" && f[0] != "type" && f[0] != "var" {
				continue
			}
			if n++; !strings.Contains(page, "`"+f[1]) {
				t.Errorf("the page on %s does not name %s", g.name, f[1])
			}
		}
		if n < 5 {
			t.Errorf("%s: %d identifiers: has it been read?", g.name, n)
		}
	}
}
