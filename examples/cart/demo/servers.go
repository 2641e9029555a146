package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// config says what to run.
type config struct {
	python    string // has Django
	shop      string // directory of the Django project
	cart      string // the Go service
	database  string
	secretKey string    // the demo's own if empty
	version   string    // Django's, once it is known
	addr      string    // to serve on
	echo      io.Writer // gets what both print; nil is nobody
}

// servers are Django and Go, running.
type servers struct {
	django, front *child
	url           string // of the front
	version       string // Django's
}

const (
	// readyTimeout is for a slow machine: Django starts within a second or two.
	readyTimeout = time.Minute
	stopTimeout  = 15 * time.Second
)

var (
	prepared    = regexp.MustCompile(`^Django (\S+): the shop is ready$`)
	djangoReady = regexp.MustCompile(`^Starting .*development server at (http://\S+)/$`)
	frontReady  = regexp.MustCompile(`listening url=(http://\S+)/cart/$`)
)

// start makes the database, starts Django on a free port, and Go on c.addr or
// the next free port. On an error, nothing is left running.
func start(ctx context.Context, c config) (_ *servers, err error) {
	// Both programs must mean the same files, wherever they run.
	for _, path := range []*string{&c.shop, &c.cart, &c.database} {
		if *path, err = filepath.Abs(*path); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(filepath.Dir(c.database), 0o700); err != nil {
		return nil, err
	}
	s := &servers{}
	if c.version, err = c.prepare(ctx); err != nil {
		return nil, err
	}
	s.version = c.version
	var groups []string
	manage := c.command(c.python, filepath.Join(c.shop, "manage.py"), "runserver", "--noreload", "--insecure", "127.0.0.1:0")
	s.django, groups, err = launch(ctx, "django", manage, djangoReady, c.echo)
	if err != nil {
		return nil, err
	}
	if s.front, s.url, err = c.startFront(ctx, groups[0]); err != nil {
		return nil, errors.Join(err, s.django.stop(stopTimeout))
	}
	return s, nil
}

// launch starts a program and waits until it is ready.
func launch(ctx context.Context, name string, cmd *exec.Cmd, ready *regexp.Regexp, echo io.Writer) (*child, []string, error) {
	started, err := spawn(name, cmd, ready, echo)
	if err != nil {
		return nil, nil, err
	}
	groups, err := started.untilReady(ctx, readyTimeout)
	return started, groups, err
}

// prepare makes the shop's tables and its user, and returns Django's version.
func (c config) prepare(ctx context.Context) (version string, err error) {
	cmd := c.command(c.python, filepath.Join(c.shop, "prepare.py"), username, password)
	script, err := spawn("django", cmd, prepared, c.echo)
	if err != nil {
		return "", err
	}
	if err := script.untilDone(ctx, readyTimeout); err != nil {
		return "", err
	}
	select {
	case groups := <-script.output.ready:
		return groups[0], nil
	default:
		return "", fmt.Errorf("shop/prepare.py did not say that the shop is ready%s", script.output.tail())
	}
}

// startFront starts the Go service on the address or, if that is taken, on the
// next port that is free.
func (c config) startFront(ctx context.Context, django string) (*child, string, error) {
	host, first, err := splitPort(c.addr)
	if err != nil {
		return nil, "", err
	}
	const tries = 50
	for port := first; port < first+tries; port++ {
		addr := net.JoinHostPort(host, strconv.Itoa(port))
		if !isFree(addr) {
			continue
		}
		front, groups, err := launch(ctx, "go", c.command(c.cart, "-addr", addr, "-django", django), frontReady, c.echo)
		if err == nil {
			return front, groups[0], nil
		}
		if port == 0 || ctx.Err() != nil || isFree(addr) {
			return nil, "", err
		}
		// Somebody was faster.
	}
	return nil, "", fmt.Errorf("no free port at %s and the %d after it", c.addr, tries-1)
}

func splitPort(addr string) (host string, port int, err error) {
	host, text, err := net.SplitHostPort(addr)
	if err == nil {
		port, err = strconv.Atoi(text)
	}
	if err != nil || host == "" || port < 0 || port > 65535 {
		return "", 0, fmt.Errorf("-addr must be like 127.0.0.1:8000, not %q", addr)
	}
	return host, port, nil
}

// isFree reports whether a server could listen on the address now.
func isFree(addr string) bool {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return false
	}
	return listener.Close() == nil
}

// command is a program in the environment that it needs, and free of whatever
// this one's says to other Pythons and Djangos.
func (c config) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		if !strings.HasPrefix(name, "PYTHON") && !strings.HasPrefix(name, "DJANGO_") && !strings.HasPrefix(name, "SHOP_") {
			cmd.Env = append(cmd.Env, variable)
		}
	}
	cmd.Env = append(cmd.Env,
		"PYTHONUNBUFFERED=1", "PYTHONDONTWRITEBYTECODE=1", "PYTHONUTF8=1",
		"DJANGO_COLORS=nocolor", "DJANGO_RUNSERVER_HIDE_WARNING=true",
		"SHOP_DATABASE="+c.database)
	if c.secretKey != "" {
		cmd.Env = append(cmd.Env, "DJANGO_SECRET_KEY="+c.secretKey)
	}
	if c.version != "" {
		cmd.Env = append(cmd.Env, "DJANGO_VERSION="+c.version)
	}
	return cmd
}

// stop ends both, the front first.
func (s *servers) stop() error {
	return errors.Join(s.front.stop(stopTimeout), s.django.stop(stopTimeout))
}

// logs returns what both printed last, to go with an error.
func (s *servers) logs() error {
	return fmt.Errorf("what the two programs printed last:%s%s", s.front.output.tail(), s.django.output.tail())
}
