// Djsession reads and writes the sessions of a Django site from the command
// line. Run "djsession help" for what it does, and see docs/command-line.md.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	// Zones under USE_TZ = False must not depend on what the machine has installed.
	_ "time/tzdata"
)

func main() {
	os.Exit(run(signalContext(), os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr))
}

// errSignal is the cause of a context that a signal ended.
type errSignal struct{ signal syscall.Signal }

func (e errSignal) Error() string { return fmt.Sprintf("interrupted by signal %q", e.signal) }

// signalContext returns a context that the first signal to end the program ends: from
// a terminal that may have its echo off, which has to be put back first. The second
// one ends the program at once.
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
