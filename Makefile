# make test             the gate, a few minutes; sets up what is missing, servers and Djangos, by itself
# make test REQUIRE=all the same, and no Django may be left out (what CI runs)
# make matrix           before a release: every check with every Django on every database and more
#                       versions of them, both Go releases, other systems; an hour. No Django and no
#                       server may be left out, unless REQUIRE=servers is given. The README's table
#                       comes from it
# make unit             what needs Go alone
# make demo             a Django shop and a Go service that share a login and a cart
# make demo CHECK=1     walks through the demo and checks every step; ENGINE=cached_db, cache, file or
#                       signed_cookies keeps its sessions there, with or without CHECK
# make screenshots      renews the README's pictures of the demo; needs the font Inter
# make fuzz             fuzzes for a minute each; FUZZTIME=600, or 10000000x, and FUZZ=regexp choose
# make bench            measures the library against Django and against code written by hand, and renews
#                       docs/benchmarks.md; less than 15 minutes. BENCH='-suite codec' only prints one
#                       suite, BENCH='-write -require' fails if a goal is not met
# make microbench       the packages' own benchmarks, with allocation counts
# make fixtures         has every Django write its fixtures again
# make torture          kills databases and caches under load, and renews the tables in docs/guarantees.md; about
#                       19 minutes, of which MySQL takes 4 and Vitess 2, and longer if setup has to build Vitess.
#                       Nothing else should run meanwhile
# make compat-table     renews the README's table from the last `make matrix`
# make map              renews the map of the packages in docs/architecture.md
# make help             prints this

SHELL := /bin/bash
REQUIRE ?= servers
$(if $(filter servers all,$(REQUIRE)),,$(error REQUIRE is servers or all))
FUZZTIME ?= 60
FUZZ ?= .
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
# The releases that the Go project supports.
GO_RELEASES := go1.26.8 go1.27.3
# Systems that the code is only compiled for.
SYSTEMS := linux/386 linux/arm64 windows/amd64 darwin/arm64

require := DJSESSION_REQUIRE=$(REQUIRE)

.PHONY: test matrix unit setup lint race memory recipes otelsession bench-check demo-check demo-engines browser summary systems releases other-servers fuzz demo screenshots bench microbench fixtures torture compat-table map help

# Fuzzing may find something new in any run, so only `make fuzz` fuzzes. The tests replay
# the corpora.
test:
	@tools/steps setup lint race memory recipes otelsession bench-check demo-check browser summary

matrix:
	@REQUIRE=all DJSESSION_MATRIX=full tools/steps setup lint systems releases other-servers race memory recipes otelsession bench-check demo-check demo-engines browser summary

unit:
	go test ./...

setup:
	tools/setup $(if $(filter all,$(REQUIRE)),--require all) $(if $(filter full,$(DJSESSION_MATRIX) $(DJSESSION_TORTURE)),--servers all)

lint:
	@test -z "$$(gofmt -l .)" || { echo "gofmt would change:"; gofmt -l .; exit 1; }
	go vet ./...
	go run $(STATICCHECK) ./...

race:
	$(require) tools/race

# Not under the race detector, which needs much memory itself.
memory:
	go test -vet=off -count=1 -run 'Bombs|ShareMemory|Alloc|MutatedPickles' ./signing ./django ./serializer

# A module of its own, so that the library does not depend on what the recipes use.
recipes:
	cd examples/recipes && go vet ./... && go run $(STATICCHECK) ./... && $(require) go test -vet=off -count=1 ./...

# The same, for OpenTelemetry.
otelsession:
	cd otelsession && go vet ./... && go run $(STATICCHECK) ./... && $(require) go test -vet=off -count=1 ./...

# Another one: the library does not depend on what it is measured against.
bench-check:
	cd bench && go vet ./... && go run $(STATICCHECK) ./... && $(require) go test -vet=off -count=1 ./...

demo-check:
	@tools/demo --check

demo-engines:
	@failed=0; for engine in cached_db cache file signed_cookies; do tools/demo --engine $$engine --check || failed=1; done; exit $$failed

# A module of its own, for the library that drives the browser. It mostly waits for
# browsers and servers, hence -parallel.
browser:
	cd examples/browser && go vet ./... && go run $(STATICCHECK) ./... && $(require) go test -vet=off -count=1 -parallel 4 ./...

summary:
	go run ./tools/table compat

systems:
	@failed=0; for system in $(SYSTEMS); do \
		echo "go vet for $$system"; \
		CGO_ENABLED=0 GOOS=$${system%/*} GOARCH=$${system#*/} go vet ./... || failed=1; \
	done; exit $$failed

# Not the full product: race runs that, with the installed Go. It comes later, because
# compat-table uses the last run.
releases:
	@failed=0; for release in $(GO_RELEASES); do \
		echo "go test with $$release"; \
		GOTOOLCHAIN=$$release $(require) DJSESSION_MATRIX= go test -count=1 -timeout 30m ./... || failed=1; \
	done; exit $$failed

# What depends on the database, with other servers in place of the system's MariaDB and PostgreSQL.
other-servers:
	@failed=0; for instead in "mysql postgresql-18" mariadb-11; do \
		echo "go test on $$instead"; \
		DJSESSION_INSTEAD="$$instead" $(require) go test -count=1 -timeout 30m ./dbstore ./auth/usertable ./cachestore/dbcache ./cmd/djsession || failed=1; \
	done; \
	echo "go test on postgresql-10, for which the newest Django is too new"; \
	DJSESSION_INSTEAD=postgresql-10 $(require) go test -count=1 -timeout 30m ./dbstore ./auth/usertable || failed=1; \
	exit $$failed

fuzz:
	tools/fuzz $(FUZZTIME) '$(FUZZ)'

bench: setup
	cd bench && go run . $(or $(BENCH),-write)

microbench:
	go test -run '^$$' -bench . -benchmem ./...

fixtures:
	tools/fixtures

demo:
	@tools/demo $(if $(ENGINE),--engine $(ENGINE)) $(if $(CHECK),--check)

screenshots:
	cd examples/browser && DJSESSION_REQUIRE=servers go test -count=1 -run Shop/Pictures . -pictures "$(CURDIR)/docs/images"

torture: export DJSESSION_TORTURE := full
torture: setup
	$(require) go test -count=1 -timeout 60m -v ./torture
	go run ./tools/table -write torture
	go run ./tools/table -write torture-caches
	go run ./tools/table -write torture-vitess

compat-table:
	go run ./tools/table -write compat

map:
	go run ./tools/table -write map

# The comment at the top.
help:
	@sed -n '/^#/!q;s/^# //p' $(firstword $(MAKEFILE_LIST))
