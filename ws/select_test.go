package ws_test

import (
	"fmt"

	"github.com/wirews/wirews/ws"
)

func ExampleSelectEqual() {
	accept := ws.SelectEqual("chat.v2")
	fmt.Println(accept("chat.v1"), accept("chat.v2"))
	// Output: false true
}

func ExampleSelectFromSlice() {
	u := ws.HTTPUpgrader{Protocol: ws.SelectFromSlice([]string{"chat.v1", "chat.v2"})}
	fmt.Println(u.Protocol("chat.v2"), u.Protocol("Chat.v2"))
	// Output: true false
}
