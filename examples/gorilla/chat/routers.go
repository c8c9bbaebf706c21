package main

import (
	"net/http"

	"github.com/beego/beego/v2/server/web"
)

// routers put the page at / and the chat at /ws, by name.
var routers = map[string]func(chat http.Handler) http.Handler{
	"std": func(chat http.Handler) http.Handler {
		m := http.NewServeMux()
		m.HandleFunc("GET /{$}", Page)
		m.Handle("GET /ws", chat)
		return m
	},
	"beego": func(chat http.Handler) http.Handler {
		m := web.NewControllerRegister()
		m.Handler("/", http.HandlerFunc(Page))
		m.Handler("/ws", chat)
		return m
	},
}
