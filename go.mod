module github.com/wirews/wirews

go 1.26.0

require (
	github.com/gobwas/httphead v0.1.0
	github.com/gobwas/pool v0.2.1
	golang.org/x/sys v0.49.0
)
