// Package compat proves, with a live Django of every supported version on every
// database, that Go and Django mean the same by a session. Django is the judge:
// what is asserted is what Django says of a session.
//
// The tests need what tools/setup sets up, and are skipped without it. `make test` runs
// every Django on every database, and each costly check with every Django and on every
// database, but not all together; `make matrix` does that. Each run leaves its outcome in
// .cache/compat.json, and the README's table is made from that of `make matrix`.
package compat
