# The core is one module; what needs heavy dependencies lives in modules of its own.
NESTED := cmd bench examples websocket/wspb websocket/h2 websocket/h3 wshub/natsbus wshub/redisbus wsprom $(addprefix compat/replace/,gorilla gobwas coder nhooyr)
GO     := GOWORK=off go

# The other Go version that the core is tried with.
OTHER_GO := go1.27.3

.PHONY: run test test-all test-other-go race tools lint bench bench-page bench-servers bench-public bench-tls bench-chat bench-broadcast proof proof-storm million fuzz fuzz-hours fuzz-keep cover counts e2e interop interop-peers conform \
	conform-ci attack attack-ci limits faults install-rehearsal dist deb deb-try try-replace cross portable repeat soak ci ci-long

run: ## serve the web page and its echo endpoint on http://localhost:8080/
	@echo 'building; the address is printed as soon as it serves'
	@cd cmd && $(GO) run ./wirews serve

# Without the brokers of wirews serve: to compile them does not fit into three minutes.
test: ## the core and the command, the slow tests shortened: at most three minutes from empty caches on two processors
	@.ci/test -vet=off -short -tags=nobus -- . cmd

test-all: ## every test of every module, in full; a module that fails does not hide the others
	@.ci/test -vet=off -timeout 30m -- . $(NESTED)

test-other-go: ## the core with another Go version, if it can be had
	@if GOTOOLCHAIN=$(OTHER_GO) $(GO) version; then GOTOOLCHAIN=$(OTHER_GO) .ci/test -vet=off $(OTHER_GO_FLAGS) -- $(OTHER_GO_MODULES); \
	else echo "$(OTHER_GO): not run, it cannot be had"; fi
OTHER_GO_FLAGS   ?= -short
OTHER_GO_MODULES ?= .

RACE_MODULES ?= . $(NESTED)
race: ## every module with the race detector, the slow tests shortened
	@.ci/test -short -race -- $(RACE_MODULES)

ci: ## everything that has to hold before a change lands: at most forty minutes
	.ci/run

ci-long: ## everything that takes longer; once before a release, and after large changes
	.ci/long

REPEAT ?= 20
repeat: ## the tests of whole connections with the race detector, REPEAT times, and a million connections that come and go
	$(GO) test -race -count=$(REPEAT) -timeout 3h ./wsproto ./wsutil ./websocket ./wspoll
	WSPOLL_STORM=1000000 $(GO) test -run '^TestNothingReachesTheNextConnection$$' -count=1 -timeout 3h ./wspoll

SOAK ?= 10m
soak: ## chaos for SOAK: clients of every kind on servers that restart, every byte compared; nothing is left at the end
	SOAK=$(SOAK) $(GO) test -run '^TestNothingIsLostAndNothingIsLeft$$' -count=1 -v -timeout 24h ./internal/soak

faults: ## every system call of the transports fails once at every position; FAULTS=-short tries only what nobody is to notice
	$(GO) test -count=1 -tags faults -timeout 30m $(FAULTS) ./internal/fault

TOOLS := bin/staticcheck bin/govulncheck bin/cyclonedx-gomod
tools: $(TOOLS)
$(TOOLS) &: tools/go.mod
	cd tools && $(GO) build -o ../bin/ tool
	touch $(TOOLS)

lint: tools ## gofmt, go vet, staticcheck, and govulncheck where its database can be reached
	@out=$$(gofmt -l $$(git ls-files '*.go')); [ -z "$$out" ] || { echo "gofmt: $$out"; exit 1; }
	@for m in . $(NESTED); do (cd $$m && echo "lint: $$m" && $(GO) mod tidy -diff && $(GO) vet ./... && GOWORK=off $(CURDIR)/bin/staticcheck ./...) || exit 1; done
	@if out=$$(GOWORK=off bin/govulncheck ./... 2>&1); then echo "govulncheck: nothing found"; \
	elif echo "$$out" | grep -q 'fetching vulnerabilities'; then echo "govulncheck: not run, its database cannot be reached"; \
	else echo "$$out"; exit 1; fi

bench: ## ours beside github.com/gobwas/ws and the limit, in one run
	cd bench && $(GO) test -run '^$$' -bench . -benchmem ./...

BENCH_RUNS ?= 5
bench-page: ## what make bench measures, medians of BENCH_RUNS runs, into its part of docs/performance.md; takes long
	@mkdir -p bin && rm -f bin/bench.txt
	cd bench && for i in $$(seq $(BENCH_RUNS)); do $(GO) test -run '^$$' -bench . -benchmem . >> ../bin/bench.txt || exit 1; done
	cd bench && $(GO) run ./table -metric ns/op,cpu-ns/op,allocs/op,wire-B,ratio,heap-B/conn -page ../docs/performance.md < ../bin/bench.txt

FUZZTIME ?= 20000x
fuzz: ## every fuzz target of every module for FUZZTIME, one after the other
	cd bench && $(GO) run ./fuzz -each $(FUZZTIME)

HOURS ?= 4
fuzz-hours: ## the same for HOURS in all, by one worker at the lowest priority, into its part of docs/fuzzing.md
	cd bench && $(GO) build -o ../bin/fuzz-targets ./fuzz && nice -n 19 ../bin/fuzz-targets -workers 1 -for $(HOURS)h -out ../docs/fuzzing.md

fuzz-keep: ## of what was found by fuzzing, what reaches more than the seeds do, into testdata
	cd bench && $(GO) run ./fuzz -keep

cover: ## the coverage of each package of the core by its own tests, and whether it is above its floor
	@.ci/cover

# QUICK=1 is a glance at three cells; otherwise half an hour goes into its part of docs/performance.md.
QUICK ?=
comma := ,
bench-servers: ## echo servers, ours, those of other libraries and the limits, measured by wirews bench
	cd bench && $(GO) run ./servers -compare $(if $(QUICK),-rounds 1 -duration 300ms -cells c100-k1-128$(comma)c100-k16-128$(comma)c100-k1-16k,-out ../docs/performance.md -results ../bin/performance.jsonl)

bench-public bench-tls: bench-%: ## the same servers under the loads of public benchmarks, or over TLS, into their parts of docs/performance.md
	cd bench && $(GO) run ./servers -compare -set $* -rounds 3 -out ../docs/performance.md -results ../bin/performance-$*.jsonl

bench-chat: ## clients that all speak to all, ours and other libraries, into its part of docs/performance.md
	cd bench && $(GO) run ./broadcast -talkers 100 -messages 20 -out ../docs/performance.md

bench-broadcast: ## one message to 1, 100 and 10,000 receivers, ours and other libraries, into its part of docs/performance.md
	cd bench && $(GO) run ./broadcast -out ../docs/performance.md

proof: ## three nodes with one chat are killed, stopped and cut off under load, with each bus; redis-server if it is there
	cd cmd && $(GO) run ./proof

STORM ?= 10000
proof-storm: ## how long STORM clients of a node that is killed take to come back, and how many come at once
	cd cmd && $(GO) run ./proof -storm $(STORM)

million: ## a million idle connections to wspoll, or as many as there is memory for, into docs/million.md
	cd bench && $(GO) build -o ../bin/million ./million && ../bin/million -out ../docs/million.md

counts: ## allocations, reads, writes and instructions against bench/counts/baseline.txt; needs valgrind and strace
	cd bench && $(GO) build -o ../bin/counts ./counts && ../bin/counts

.PHONY: wasm wasm-other-go bin/page

# The tests of package websocket in wasm, with what a page and Node need to run them.
bin/page:
	@mkdir -p $@
	cp "$$($(GO) env GOROOT)"/lib/wasm/wasm_exec*.js cmd/e2e/page/index.html $@
	cd cmd && GOOS=js GOARCH=wasm $(GO) test -c -o ../$@/page.test.wasm ./e2e/page
	cd cmd && $(GO) build -o ../bin/peer ./e2e/peer

WASM_ENV = PEER=$(CURDIR)/bin/peer PAGE=$(CURDIR)/bin/page

wasm: bin/page ## package websocket in wasm, in Node
	cd cmd/e2e && $(WASM_ENV) node --test wasm-node.test.mjs

wasm-other-go: ## the same with another Go version, if it can be had
	@if GOTOOLCHAIN=$(OTHER_GO) $(GO) version; then GOTOOLCHAIN=$(OTHER_GO) $(MAKE) wasm; else echo "$(OTHER_GO): not run, it cannot be had"; fi

e2e: bin/page ## the web page, with both ways to serve connections, and package websocket in wasm, in a real browser; needs Chromium and Node
	cd cmd && $(GO) build -o ../bin/wirews ./wirews
	cd examples && $(GO) build -o ../bin/browser ./browser
	cd cmd/e2e && npm ci --no-audit --no-fund && export WIREWS=$(CURDIR)/bin/wirews && npm test && WIREWS_FLAGS=--poll npm test
	cd cmd/e2e && GOWORK=off WIREWS=$(CURDIR)/bin/wirews EXAMPLE=$(CURDIR)/bin/browser $(WASM_ENV) npm run wasm

interop-peers:
	cd cmd/interop && npm ci --no-audit --no-fund

interop: interop-peers ## other clients, servers and reverse proxies; needs all of them, and writes docs/interop.md
	cd cmd && ALL_PEERS=true INTEROP_DOC=$(CURDIR)/docs/interop.md $(GO) test -count=1 -timeout 20m ./interop/...

conform: ## every case on everything of ours and on the peers; takes long, needs Node and Python
	cd bench/conformance/scripts && npm ci --no-audit --no-fund
	cd bench && $(GO) run ./conformance

conform-ci: ## every case on one layer as a server, and as a client those without compression
	cd bench && $(GO) run ./conformance -patience 3 -peers wsutil-wsflate -role server
	cd bench && $(GO) run ./conformance -patience 3 -peers wsutil-wsflate -role client -exclude '12.*,13.*'

attack: ## wirews attack on everything of ours and on the peers, into docs/attacks.md; takes twenty minutes, needs Node and Python
	cd bench/conformance/scripts && npm ci --no-audit --no-fund
	cd bench && $(GO) run ./attack -out ../docs/attacks.md

attack-ci: ## wirews attack on ours, with short floods: two minutes
	cd bench && $(GO) run ./attack -ours -quick -strict -parallel 4

limits: ## what a connection holds and takes when it uses up each limit, into its part of docs/limits.md
	cd bench && $(GO) run ./limits -out ../docs/limits.md

install-rehearsal: ## a release, as it will be: go install of the command, a program on all libraries, the same binary twice
	cd cmd && REHEARSE=true $(GO) test -count=1 -timeout 30m ./release

dist: bin/cyclonedx-gomod ## the command as it is published, the modules that are in it with their versions and hashes, as an SBOM too, and the hash of each file
	@mkdir -p bin/dist
	cd cmd && CGO_ENABLED=0 $(GO) build -trimpath -buildvcs=false -o ../bin/dist/ ./wirews
	cd bin/dist && go version -m -json wirews > wirews.modules.json
	cd bin/dist && ../cyclonedx-gomod bin -json -noserial -notimestamp -std -output wirews.cdx.json wirews
	cd bin/dist && sha256sum wirews wirews.modules.json wirews.cdx.json | tee SHA256SUMS

deb: ## the command as a Debian package, with man page and completion, in bin/dist
	cmd/debian/build

deb-try: deb ## the package installed with dpkg, tried and removed; needs root and bash-completion
	cmd/debian/try

try-replace: ## programs that use other libraries, with those replaced by ours; needs the Go module proxy
	compat/replace/try

CROSS ?= linux/amd64 linux/386 linux/arm64 linux/s390x linux/riscv64 darwin/arm64 windows/amd64 freebsd/amd64 openbsd/amd64 js/wasm
CMD_CROSS ?= linux/arm64 darwin/arm64 freebsd/amd64
cross: ## the core builds for each of CROSS, and the command for each of CMD_CROSS, and for Windows
	@for t in $(CROSS); do \
		echo "cross: $$t"; GOOS=$${t%/*} GOARCH=$${t#*/} CGO_ENABLED=0 $(GO) vet ./... || exit 1; done
	@echo 'cross: wasip1/wasm, without sockets'; GOOS=wasip1 GOARCH=wasm $(GO) vet ./httpx ./ws ./wsproto ./wsflate ./wsutil
	@echo 'cross: cmd js/wasm'; cd cmd && GOOS=js GOARCH=wasm $(GO) vet ./e2e/page
	@echo 'cross: cmd, with and without brokers'
	@cd cmd && for t in $(CMD_CROSS); do \
		echo "cross: cmd $$t"; GOOS=$${t%/*} GOARCH=$${t#*/} CGO_ENABLED=0 $(GO) build -tags nobus -o /dev/null ./wirews || exit 1; done
	@cd cmd && GOOS=windows GOARCH=amd64 CGO_ENABLED=0 $(GO) build -o /dev/null ./wirews

portable: ## the core's tests without assembly, with checked pointers, on 32 bits, on arm64 and on a big-endian machine; needs qemu-user-static
	$(GO) test -short -tags purego ./...
	$(GO) test -short -gcflags=all=-d=checkptr ./internal/... ./httpx ./ws
	CGO_ENABLED=0 GOARCH=386 $(GO) test -short ./...
	@for t in arm64:aarch64 s390x:s390x; do echo "portable: $$t"; CGO_ENABLED=0 GOARCH=$${t%:*} $(GO) test -short -exec qemu-$${t#*:}-static \
		$$($(GO) list ./... | grep -Ev '/(internal/layers|internal/api|internal/prose|autobahn|websocket.*|wsutil)$$') || exit 1; done
