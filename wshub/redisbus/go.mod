module github.com/wirews/wirews/wshub/redisbus

go 1.26.0

require (
	github.com/redis/go-redis/v9 v9.23.0
	github.com/wirews/wirews v0.0.0
)

require (
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/gobwas/httphead v0.1.0 // indirect
	github.com/gobwas/pool v0.2.1 // indirect
	go.uber.org/atomic v1.12.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
)

replace github.com/wirews/wirews => ../../
