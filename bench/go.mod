module github.com/wirews/wirews/bench

go 1.26.0

require (
	github.com/gobwas/httphead v0.1.0
	github.com/gobwas/ws v1.5.0
	github.com/klauspost/compress v1.20.3
	github.com/segmentio/asm v1.2.1
	github.com/wirews/wirews v0.0.0
	golang.org/x/sys v0.49.0
)

require github.com/gobwas/pool v0.2.1 // indirect

replace github.com/wirews/wirews => ../
