// Package torture runs Go processes and Django workers that write to the same sessions
// concurrently, while the database or the cache is killed, paused, promoted and cut off,
// and then audits every write.
//
// A trigger in the database records each state of a session in the order of the writes.
// Every writer sets a growing number under its own key, and its name under "by". So each
// step from one state to the next shows who wrote it and whether it overwrote another
// writer's value, and each write that was reported as stored must be among the steps.
//
// A cache and files keep no such trail. There every writer reports which of its numbers it
// found when it wrote, and readers load all the time: a load that began after a write was
// acknowledged must show that number or a higher one. Each Django worker has a session to which no
// other one writes, so that a number of Django's that is missing was overwritten by Go. What a
// counter's session holds is counted by each writer, so that the fate of every increment is
// known. Careless writers show that both audits find what is lost.
//
// Django workers write with Django's engine, or with ours, which must overwrite nothing. They are
// called d0 and e0 and so on, and Go's writers g0.
//
// The tests need what tools/setup sets up, and are skipped without it. `go test`
// runs a short form; `make torture` runs the long one (DJSESSION_TORTURE=full) and
// writes its figures into docs/guarantees.md.
package torture
