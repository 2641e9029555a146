// Package compat proves, with a live Django of every supported version on every
// database, that Go and Django mean the same by a session. Django is the judge:
// what is asserted is what Django says of a session.
//
// The tests need what tools/setup sets up, and are skipped without it; `make
// test` runs them. Each run leaves its outcome in .cache/compat.json, from which
// the README's table is made.
package compat
