module github.com/wirews/wirews/bench

go 1.26.0

require (
	github.com/coder/websocket v1.8.15
	github.com/gobwas/httphead v0.1.0
	github.com/gobwas/ws v1.5.0
	github.com/gorilla/websocket v1.5.3
	github.com/klauspost/compress v1.20.3
	github.com/lxzan/gws v1.9.1
	github.com/segmentio/asm v1.2.1
	github.com/wirews/wirews v0.0.0
	golang.org/x/sys v0.49.0
)

require github.com/gobwas/pool v0.2.1 // indirect

replace github.com/wirews/wirews => ../
