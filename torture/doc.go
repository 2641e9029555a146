// Package torture runs Go processes and Django workers that write to the same sessions
// concurrently, while the database is killed, paused, promoted and cut off, and then
// audits every write.
//
// A trigger in the database records each state of a session in the order of the writes.
// Every writer sets a growing number under its own key, and its name under "by". So each
// step from one state to the next shows who wrote it and whether it overwrote another
// writer's value, and each write that was reported as stored must be among the steps.
//
// The tests need what tools/setup sets up, and are skipped without it. `go test`
// runs a short form; `make torture` runs the long one (DJSESSION_TORTURE=full) and
// writes its figures into docs/guarantees.md.
package torture
