// Djsession reads and writes the sessions of a Django site from the command
// line. Run "djsession help" for what it does, and see docs/command-line.md.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	// For TIME_ZONE on machines without a time zone database.
	_ "time/tzdata"
)

func main() {
	os.Exit(run(signalContext(), os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr))
}

// errSignal is the cause of a context that a signal canceled.
type errSignal struct{ signal syscall.Signal }

func (e errSignal) Error() string { return fmt.Sprintf("interrupted by signal %q", e.signal) }

// signalContext returns a context that the first SIGINT, SIGTERM, SIGQUIT or SIGHUP
// cancels, so that the terminal's echo can be turned on again. The second signal ends the
// program at once.
func signalContext() context.Context {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT)
	if !signal.Ignored(syscall.SIGHUP) { // as under nohup
		signal.Notify(signals, syscall.SIGHUP)
	}
	go func() {
		received := <-signals
		signal.Stop(signals)
		number, _ := received.(syscall.Signal)
		cancel(errSignal{number})
	}()
	return ctx
}
