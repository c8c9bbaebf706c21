# The core is one module; what needs heavy dependencies lives in modules of its own.
NESTED := cmd bench examples websocket/wspb
GO     := GOWORK=off go

.PHONY: run test lint race bench bench-servers counts fuzz cover e2e interop conform conform-ci install-rehearsal cross portable tools

run: ## serve the web page and its echo endpoint on http://localhost:8080/
	cd cmd && $(GO) run ./wirews serve

test: ## all tests; what go vet finds is for make lint
	$(GO) test -vet=off ./...
	@for m in $(NESTED); do (cd $$m && echo "$(GO) test ./... # $$m" && $(GO) test -vet=off ./...) || exit 1; done

race:
	$(GO) test -short -race ./...
	@for m in $(NESTED); do (cd $$m && echo "race: $$m" && $(GO) test -short -race ./...) || exit 1; done

tools: bin/staticcheck bin/govulncheck
bin/staticcheck bin/govulncheck &: tools/go.mod
	cd tools && $(GO) build -o ../bin/ tool
	touch bin/*

lint: tools ## gofmt, go vet, staticcheck, and govulncheck where its database can be reached
	@out=$$(gofmt -l $$(git ls-files '*.go')); [ -z "$$out" ] || { echo "gofmt: $$out"; exit 1; }
	@for m in . $(NESTED); do (cd $$m && echo "lint: $$m" && $(GO) mod tidy -diff && $(GO) vet ./... && GOWORK=off $(CURDIR)/bin/staticcheck ./...) || exit 1; done
	@if out=$$(GOWORK=off bin/govulncheck ./... 2>&1); then echo "govulncheck: nothing found"; \
	elif echo "$$out" | grep -q 'fetching vulnerabilities'; then echo "govulncheck: not run, its database cannot be reached"; \
	else echo "$$out"; exit 1; fi

bench: ## ours beside github.com/gobwas/ws and the limit, in one run
	cd bench && $(GO) test -run '^$$' -bench . -benchmem ./...

FUZZTIME ?= 20000x
fuzz: ## every fuzz target for FUZZTIME
	@mkdir -p bin
	@for p in $$($(GO) list ./...); do \
		list=$$($(GO) test -list '^Fuzz' $$p) || { echo "$$list"; exit 1; }; \
		for f in $$(echo "$$list" | grep '^Fuzz'); do \
		echo "fuzz: $$p $$f"; $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 5x $$p > bin/fuzz.log 2>&1 || { cat bin/fuzz.log; exit 1; }; \
	done; done

cover:
	$(GO) test -coverprofile=coverage.out ./... && $(GO) tool cover -func=coverage.out | tail -1

# QUICK=1 is a glance at three cells; otherwise half an hour goes into docs/performance.md.
QUICK ?=
comma := ,
bench-servers: ## echo servers, ours, those of other libraries and the limits, measured by wirews bench
	cd bench && $(GO) run ./servers -compare $(if $(QUICK),-rounds 1 -duration 300ms -cells c100-k1-128$(comma)c100-k16-128$(comma)c100-k1-16k,-out ../docs/performance.md -results ../bin/performance.jsonl)

counts: ## allocations, reads, writes and instructions against bench/counts/baseline.txt; needs valgrind and strace
	cd bench && $(GO) build -o ../bin/counts ./counts && ../bin/counts

e2e: ## the web page in a real browser; needs Chromium and Node
	cd cmd && $(GO) build -o ../bin/wirews ./wirews
	cd cmd/e2e && npm ci --no-audit --no-fund && WIREWS=$(CURDIR)/bin/wirews npm test

interop: ## other clients, servers and reverse proxies; needs all of them, and writes docs/interop.md
	cd cmd/interop && npm ci --no-audit --no-fund
	cd cmd && ALL_PEERS=true INTEROP_DOC=$(CURDIR)/docs/interop.md $(GO) test -count=1 -timeout 20m ./interop

conform: ## every case on everything of ours and on the peers; takes long, needs Node and Python
	cd bench/conformance/scripts && npm ci --no-audit --no-fund
	cd bench && $(GO) run ./conformance

conform-ci: ## everything for one layer in each role; sections 1 to 7 and 10 for the others
	cd bench && $(GO) run ./conformance -patience 3 -peers wsutil-wsflate
	cd bench && $(GO) run ./conformance -patience 3 -peers ws,wsutil,websocket,websocket-serve -cases '1.*,2.*,3.*,4.*,5.*,6.*,7.*,10.*'

install-rehearsal: ## go install of the command, as it will be with a release
	cd cmd && $(GO) test -count=1 ./release

cross: ## the core and the command build everywhere
	@for t in linux/amd64 linux/386 linux/arm64 linux/s390x linux/riscv64 darwin/arm64 windows/amd64 freebsd/amd64 openbsd/amd64 js/wasm; do \
		echo "cross: $$t"; GOOS=$${t%/*} GOARCH=$${t#*/} CGO_ENABLED=0 $(GO) vet ./... || exit 1; done
	@for t in linux/arm64 darwin/arm64 windows/amd64 freebsd/amd64; do \
		echo "cross: cmd $$t"; (cd cmd && GOOS=$${t%/*} GOARCH=$${t#*/} CGO_ENABLED=0 $(GO) build -o /dev/null ./wirews) || exit 1; done

portable: ## the core's tests without assembly, with checked pointers, on 32 bits, on arm64 and on a big-endian machine; needs qemu-user-static
	$(GO) test -short -tags purego ./...
	$(GO) test -short -gcflags=all=-d=checkptr ./internal/... ./httpx ./ws
	CGO_ENABLED=0 GOARCH=386 $(GO) test -short ./...
	@for t in arm64:aarch64 s390x:s390x; do echo "portable: $$t"; CGO_ENABLED=0 GOARCH=$${t%:*} $(GO) test -short -exec qemu-$${t#*:}-static \
		$$($(GO) list ./... | grep -Ev '/(internal/layers|internal/api|autobahn|websocket.*|wsutil)$$') || exit 1; done
