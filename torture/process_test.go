package torture

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// processVariable is set in the environment of the Go processes, which run this test's
// binary.
const processVariable = "DJSESSION_TORTURE_PROCESS"

// obey carries out the parent's order and returns the exit status. It begins at the second
// line of its standard input and ends with that input, so also when the parent ends.
func obey() int {
	orders := bufio.NewReader(os.Stdin)
	var o order
	line, err := orders.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &o)
	}
	if err == nil {
		err = o.obey(orders)
	}
	if err != nil {
		slog.Error("torture", "error", err)
		return 1
	}
	return 0
}

func (o order) obey(orders *bufio.Reader) error {
	in, err := o.open()
	if err != nil {
		return err
	}
	defer in.close.Close()
	ended := make(chan struct{})
	begin := func(ready string) error {
		say("ready %s", ready)
		_, err := orders.ReadBytes('\n')
		go func() {
			_, _ = io.Copy(io.Discard, orders)
			close(ended)
		}()
		return err
	}
	if o.Role == serving {
		return o.serve(in.Sessions, begin, ended)
	}
	if _, err := in.Load(context.Background(), o.Counter); err != nil {
		return err
	}
	if err := begin("-"); err != nil {
		return err
	}
	var workers sync.WaitGroup
	var counted atomic.Int64
	for i := range o.Goroutines {
		workers.Go(func() {
			if o.Role == counting {
				o.count(in, i, &counted, ended)
			} else {
				o.write(in, i, ended)
			}
		})
	}
	workers.Wait()
	say("done")
	return nil
}

func isOver(ended <-chan struct{}) bool {
	select {
	case <-ended:
		return true
	default:
		return false
	}
}

// speaking guards standard output.
var speaking sync.Mutex

// say writes a line to the parent without buffering, so that it arrives even if this process
// is killed next.
func say(format string, args ...any) {
	line := fmt.Appendf(nil, format+"\n", args...)
	speaking.Lock()
	defer speaking.Unlock()
	_, _ = os.Stdout.Write(line)
}

// sayStored reports that a write is stored, which number it found, and how long it took.
func sayStored(session int, writer string, number, was int, start time.Time) {
	say("stored %d %s %d %d %d", session, writer, number, was, time.Since(start).Microseconds())
}

// TestMain runs a Go process's order, or the tests.
func TestMain(m *testing.M) {
	if os.Getenv(processVariable) != "" {
		os.Exit(obey())
	}
	code := m.Run()
	if err := errors.Join(databases.write(), caches.write(), vitess.write()); err != nil {
		slog.Error("torture", "error", err)
		code = 1
	}
	os.Exit(code)
}
