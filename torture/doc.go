// Package torture has Go processes and Django workers write to the same sessions
// at once, while the database is killed, paused, promoted and cut off, and then
// audits every single write.
//
// A trigger in the database keeps each state that a session ever had, in the order
// of the writes. Every writer, of Go's and of Django's, sets a growing number under a
// key of its own, and under "by" its name. So each step from one state to the next
// tells who took it and whether it undid what somebody else had stored; and each
// write that a writer was told is stored must be among the steps.
//
// The tests need what tools/setup sets up, and are skipped without it. `go test`
// runs a short form; `make torture` runs the long one (DJSESSION_TORTURE=full) and
// writes its figures into docs/guarantees.md.
package torture
