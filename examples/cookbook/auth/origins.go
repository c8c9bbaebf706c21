package main

import (
	"net/http"
	"strings"

	"github.com/wirews/wirews/websocket"
)

// otherHosts lets pages of two other hosts connect, besides those of this one.
var otherHosts = &websocket.AcceptOptions{
	OriginPatterns: []string{"https://app.example.com", "https://*.example.org"},
}

// byTable decides with a function, here by what the URL says.
var byTable = &websocket.AcceptOptions{
	CheckOrigin: func(r *http.Request, origin string) bool {
		tenant := r.URL.Query().Get("tenant")
		return tenant != "" && !strings.ContainsAny(tenant, "./:") && origin == "https://"+tenant+".example.com"
	},
}
