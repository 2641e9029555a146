# make test             the full truth; sets up what is missing, servers and Djangos, by itself
# make test REQUIRE=all the same, and no Django may be left out (what CI runs)
# make unit             what needs Go alone
# make demo             a Django shop and a Go service that share a login and a cart
# make demo CHECK=1     walks through the demo and checks every step
# make fuzz             fuzzes for a minute each; FUZZTIME=600, or 10000000x, and FUZZ=regexp choose
# make bench            benchmarks with allocation counts
# make fixtures         has every Django write its fixtures again
# make torture          kills databases under load, and renews the table in docs/guarantees.md; ten minutes
# make compat-table     renews the README's table from the last `make test`

SHELL := /bin/bash
REQUIRE ?= servers
$(if $(filter servers all,$(REQUIRE)),,$(error REQUIRE is servers or all))
FUZZTIME ?= 60
FUZZ ?= .
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

.PHONY: test unit lint setup race memory fuzz demo bench fixtures torture compat-table

test: setup lint race memory
	tools/fuzz 5
	$(MAKE) --no-print-directory demo CHECK=1
	tools/summary

unit:
	go test ./...

setup:
	tools/setup $(if $(filter all,$(REQUIRE)),--require all)

lint:
	@test -z "$$(gofmt -l .)" || { echo "gofmt would change:"; gofmt -l .; exit 1; }
	go vet ./...
	go run $(STATICCHECK) ./...

# SQLite in Go is C translated, whose every pointer the race detector's checkptr
# would check: half of the time, and none of our code.
RACE := -race -vet=off -gcflags='modernc.org/...=-d=checkptr=0'

race:
	DJSESSION_REQUIRE=$(REQUIRE) tools/race $(RACE)

# What the race detector's own memory would drown.
memory:
	go test -count=1 -run 'Bombs|ShareMemory|Alloc' ./signing ./django ./serializer

fuzz:
	tools/fuzz $(FUZZTIME) '$(FUZZ)'

bench:
	go test -run '^$$' -bench . -benchmem ./...

fixtures:
	tools/fixtures

demo:
	@tools/demo $(if $(CHECK),--check)

torture: setup
	DJSESSION_REQUIRE=$(REQUIRE) DJSESSION_TORTURE=full go test -count=1 -timeout 15m -v ./torture
	go run ./torture/table -write

compat-table:
	go run ./compat_test/table -write
