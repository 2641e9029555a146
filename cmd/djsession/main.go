// Djsession reads and writes the sessions of a Django site from the command
// line. Run "djsession help" for what it does, and see docs/command-line.md.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	// Zones under USE_TZ = False must not depend on what the machine has installed.
	_ "time/tzdata"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal ends the program at once.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr))
}
