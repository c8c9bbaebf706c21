module github.com/wirews/wirews/websocket/h2

go 1.26.0

require (
	github.com/wirews/wirews v0.0.0
	golang.org/x/net v0.62.0
)

require (
	github.com/gobwas/httphead v0.1.0 // indirect
	github.com/gobwas/pool v0.2.1 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/text v0.43.0 // indirect
)

replace github.com/wirews/wirews => ../../
