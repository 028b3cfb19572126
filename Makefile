# guanjia: `make run` starts the service, `make test` proves it.

GO      ?= go
EVAL    ?= ../shared/eval

.PHONY: run build go speech test tools vet unit conversations prove bench scale fuzz weaknesses measure help

help:
	@echo 'make run      start the whole service with sample data'
	@echo 'make test     install what the tests need and run all of them'
	@echo 'make build    the binary, ./guanjia'
	@echo 'make bench    the benchmarks'
	@echo 'make scale    what one machine carries, embedded and on PostgreSQL, in one run'
	@echo 'make measure  score on evaluation data: EVAL=$(EVAL)'
	@echo 'make fuzz     every door with strangers'\'' bytes, FUZZTIME each'
	@echo 'make prove    the long proofs: fuzzing, kills, soaks'

run: go speech
	$(GO) run ./bot/cmd/guanjia serve

build: go
	$(GO) build -o guanjia ./bot/cmd/guanjia

# A C compiler and Go are all the program needs; what only tests need stands
# under tools.
go:
	@command -v $(GO) >/dev/null || { echo 'Go 1.26 or later is needed: https://go.dev/dl/' >&2; exit 1; }
	@command -v cc >/dev/null || sh .ci/install gcc libc6-dev

# The hotline speaks with it where no speech model is set.
speech:
	@command -v espeak-ng >/dev/null || sh .ci/install espeak-ng

tools: go
	@sh .ci/install --for-tests

# The conversations come before the tests: they learn the model that all the
# others then find learnt, and learn it in seconds without the race detector.
test: tools vet weaknesses conversations unit fuzz

vet:
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); echo 'run gofmt' >&2; exit 1; }
	$(GO) vet $(RACE) ./...
	$(GO) tool staticcheck ./...

# In what is linked, as far as they are known.
weaknesses:
	@GO='$(GO)' sh .ci/govulncheck

# Readers and arithmetic of others take many times as long under the race detector
# and share nothing between goroutines: they go without. None of them may have
# atomics or a sync.Once of its own: the detector would not see what those order.
# Understanding uses nothing unsafe, and goes without the check of such pointers
# that the detector brings along.
ALONE = gopkg.in/yaml.v3 regexp unicode/utf8 github.com/mozillazg/go-pinyin \
	golang.org/x/crypto/argon2 golang.org/x/crypto/blake2b
RACE = -race -gcflags=guanjia/intents/...=-d=checkptr=0 $(ALONE:%=-gcflags=%=-race=false)

# First what neither waits for anybody nor is held to a time, on all cores. Then
# one package at a time: servers, browsers, kills and calls want the cores to
# themselves. The program's own tests are two thirds of all and wait much, so
# they run as two halves side by side, out of one binary: linking it takes half a
# minute of a processor. A package that is named nowhere is tested by itself.
QUIET = /(config|handlers|intents|knowledge/(policies|themes|ways|words)|channels/(desk|hall|open311|terminal|hotline/media)|bot/(booking|citydata|kms|metrics|notify|outcall|outreach|picture|privacy|routing|sheet|ticket|tracing))(/|$$)|/bot(/bottest)?$$
unit:
	$(GO) test $(RACE) -shuffle=on -timeout 50m $$($(GO) list ./... | grep -E '$(QUIET)')
	$(GO) test $(RACE) -shuffle=on -p 1 -timeout 50m $$($(GO) list ./... | grep -vE '$(QUIET)|/$(PROGRAM)$$')
	$(GO) test $(RACE) $(UNRACED) -c -ldflags='-s -w' -o $(HALVES) ./$(PROGRAM)
	$(MAKE) --no-print-directory -j2 --output-sync=target half-0 half-1

# The arithmetic of learning is raced by its own package's tests; here, where a
# model is learnt a dozen times, it goes without.
PROGRAM = bot/cmd/guanjia
UNRACED = '-gcflags=guanjia/intents/linear=-race=false -d=checkptr=0'
HALVES = $(CURDIR)/$(PROGRAM)/guanjia.test
half-%:
	cd $(PROGRAM) && tests=$$($(HALVES) -test.list . | awk '/^(Test|Fuzz|Example)/ && NR % 2 == $*' | paste -sd '|' -) && test -n "$$tests" && \
	$(HALVES) -test.shuffle=on -test.timeout=50m -test.paniconexit0 -test.run "^($$tests)$$"

conversations:
	$(GO) run ./bot/cmd/guanjia test --coverage

prove:
	GUANJIA_PROVE=1 $(GO) test -race -shuffle=on -timeout 4h ./...
	$(MAKE) fuzz FUZZTIME=150s # an hour in all

# Every door, with strangers' bytes.
FUZZTIME ?= 10s
fuzz:
	@sh .ci/fuzz $(FUZZTIME)

bench:
	$(GO) test -run '^$$' -bench . -benchmem ./...

# Beside bare handlers and naive use; docs/scale.md has what it printed.
scale: tools
	$(GO) test -p 1 -run '^$$' -bench 'Booking|Turn|PostgreSQL|CallbackToReply' ./bot/store ./bot/cmd/guanjia
	GUANJIA_PROVE=1 $(GO) test ./bot/cmd/guanjia -run TestInstancesMeasured -v

measure:
	@test -d '$(EVAL)' || { echo 'set EVAL to the folder of evaluation data' >&2; exit 1; }
	$(GO) test ./intents/chinesetime -run Measure -v -dates $(abspath $(EVAL))/dates.dev.jsonl
	$(GO) test ./knowledge -run Measure -v -guides $(abspath $(EVAL))/guides-guangdong-2021.jsonl
	$(GO) test -tags sqlite_fts5 ./knowledge/rivals -v -guides $(abspath $(EVAL))/guides-guangdong-2021.jsonl
