// Package compat compares how Go and a live Django read and write sessions, with every
// supported Django on every database. What Django does is right.
//
// The tests need what tools/setup sets up, and are skipped without it. `make test` runs
// every Django on every database, and each costly check with every Django and on every
// database, but not all combinations; `make matrix` runs those. Each run writes its outcome
// to .cache/compat.json, and the README's table is made from that of `make matrix`.
package compat
