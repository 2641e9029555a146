// Command demo starts the shop of examples/cart, Django and the Go service in
// front of it, and stops both when it is interrupted. With -check it walks
// through the shop as a visitor would, instead, and says by its exit status
// whether everything held.
//
// tools/demo builds what it needs and runs it.
package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

// The demo's user.
const (
	username = "demo"
	password = "demo-shop"
)

// checkTimeout bounds a whole check, on a slow machine too.
const checkTimeout = 5 * time.Minute

func main() {
	var c config
	flag.StringVar(&c.python, "python", "python3", "a Python that has Django")
	flag.StringVar(&c.shop, "shop", "examples/cart/shop", "the directory of the Django project")
	flag.StringVar(&c.cart, "cart", "", "the built program of examples/cart (required)")
	flag.StringVar(&c.database, "database", "", "the shop's SQLite database, made if it is not there (required without -check)")
	flag.StringVar(&c.addr, "addr", "127.0.0.1:8000", "address to serve on; if it is taken, the next free port is")
	check := flag.Bool("check", false, "walk through the shop, on a free port and with a database of its own, and exit")
	flag.Parse()
	if c.cart == "" || c.database == "" && !*check || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	// A second signal ends this program at once, and the kernel its children.
	context.AfterFunc(ctx, stop)
	var err error
	if *check {
		err = runCheck(ctx, c, os.Stdout)
	} else {
		err = runDemo(ctx, c, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// runDemo serves until ctx ends.
func runDemo(ctx context.Context, c config, out io.Writer) (err error) {
	c.echo = out
	s, err := start(ctx, c)
	if err != nil {
		if ctx.Err() != nil {
			return nil // interrupted while starting
		}
		return err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	fmt.Fprintf(out, `
  Products  %[1]s/            from Django
  Admin     %[1]s/admin/      from Django
  Cart      %[1]s/cart/       from Go
  Account   %[1]s/account/    from Go

  Log in as %[2]s with the password %[3]s. Ctrl-C ends the demo.

`, s.url, username, password)
	select {
	case <-ctx.Done():
		fmt.Fprintln(out, "demo: stopping")
		return nil
	case <-s.django.exited:
		return s.django.endedEarly()
	case <-s.front.exited:
		return s.front.endedEarly()
	}
}

// runCheck walks through a shop of its own.
func runCheck(ctx context.Context, c config, out io.Writer) error {
	limited, cancel := context.WithTimeoutCause(ctx, checkTimeout, fmt.Errorf("the check took longer than %v", checkTimeout))
	defer cancel()
	dir, err := os.MkdirTemp("", "djsession-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	c.database = filepath.Join(dir, "shop.sqlite3")
	c.secretKey = rand.Text()
	c.addr = "127.0.0.1:0"

	s, err := start(limited, c)
	if err != nil {
		return cmp.Or(context.Cause(limited), err)
	}
	fmt.Fprintf(out, "demo: walking through %s, Django %s behind Go\n", s.url, s.version)
	err = walkThrough(limited, s.url, out)
	if err != nil {
		err = cmp.Or(context.Cause(limited), err)
	}
	err = errors.Join(err, s.stop())
	switch {
	case ctx.Err() != nil: // interrupted, by a signal
		return err
	case err != nil:
		return errors.Join(err, s.logs())
	}
	fmt.Fprintln(out, "demo: every step held, and both programs ended when asked to")
	return nil
}
