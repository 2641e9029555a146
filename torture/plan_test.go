package torture

import (
	"os"
	"time"
)

// formVariable is the environment variable that selects the long form with "full".
const formVariable = "DJSESSION_TORTURE"

// A plan is the size of a run.
type plan struct {
	processes  int // of Go
	goroutines int // that write, over all processes
	djangos    int // worker processes of Django
	cachers    int // the same in the tests of caches
	spares     int // the same in tests in which their number does not matter
	sessions   int // that they share

	shared, pooled, cached, locked, engine time.Duration // how long they write

	increments int // of the counter
	together   int // the same of each side, if both increment it
	saves      int // that are measured
	kills      int
	stormers   int           // Django workers while there are faults
	quiet      time.Duration // between one fault and the next
	fault      time.Duration // how long a fault lasts if the test has to end it
	patience   time.Duration // the timeout of a request whose connection was cut off
	rest       time.Duration // pause of a writer between two writes
	lag        time.Duration // how long a replica stands still before its master is killed
	commands   int           // that set a key of one session
}

func full() bool { return os.Getenv(formVariable) == "full" }

// current is the plan of this run.
var current = func() plan {
	if full() {
		return plan{
			processes: 4, goroutines: 64, djangos: 8, cachers: 8, spares: 8, sessions: 20,
			shared: 60 * time.Second, pooled: 30 * time.Second, cached: 10 * time.Second, locked: 8 * time.Second, engine: 10 * time.Second,
			increments: 10_000, together: 1_000, saves: 300, kills: 10, stormers: 4,
			quiet: time.Second, fault: 3 * time.Second, patience: 2 * time.Second,
			lag: 400 * time.Millisecond, commands: 100,
		}
	}
	return plan{
		processes: 2, goroutines: 16, djangos: 2, cachers: 1, spares: 1, sessions: 4,
		shared: 500 * time.Millisecond, pooled: 300 * time.Millisecond, cached: 400 * time.Millisecond, locked: 300 * time.Millisecond,
		engine: 400 * time.Millisecond, increments: 200, together: 100, saves: 10, kills: 2, stormers: 2,
		quiet: 100 * time.Millisecond, fault: 150 * time.Millisecond, patience: 300 * time.Millisecond,
		rest: 25 * time.Millisecond, lag: 200 * time.Millisecond,
	}
}()
