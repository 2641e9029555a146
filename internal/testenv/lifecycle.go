package testenv

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

// launch starts a server on a free port. Between finding the port and the server's
// taking it somebody else may; then it tries another.
func (s *Server) launch(ctx context.Context, start func(port int) (*process, error)) error {
	const tries = 5
	s.life.Lock()
	defer s.life.Unlock()
	s.begin = start
	var err error
	for range tries {
		if s.Port, err = freePort(s.Host); err != nil {
			return err
		}
		if err = s.boot(ctx); !errors.Is(err, errPortTaken) {
			return err
		}
	}
	return err
}

// errPortTaken: somebody else listens on the server's port.
var errPortTaken = errors.New("the port is taken")

// bindFailed recognises a server that ended because somebody took its port first.
var bindFailed = regexp.MustCompile(`(?i)address already in use|could not bind|Bind on TCP/IP port|cannot listen on`)

// boot starts the server on its port and returns once it answers.
func (s *Server) boot(ctx context.Context) (err error) {
	if s.process, err = s.begin(s.Port); err != nil {
		return err
	}
	if err = s.waitUntilReady(ctx); err == nil {
		return nil
	}
	_ = s.process.kill()
	if bindFailed.MatchString(s.process.logTail()) {
		_ = os.Truncate(s.process.logPath, 0)
		return fmt.Errorf("%w: %w", errPortTaken, err)
	}
	return err
}

// waitUntilReady returns once the server answers a query, or is ready as it says itself.
func (s *Server) waitUntilReady(ctx context.Context) error {
	ready := s.ready
	if ready == nil {
		db, err := s.Database(s.adminName).Open()
		if err != nil {
			return err
		}
		defer db.Close()
		ready = func(ctx context.Context) error { return pingOnce(ctx, db) }
	}
	alive, cancel := context.WithCancel(ctx)
	defer cancel()
	process := s.process
	go func() {
		select {
		case <-process.exited:
			cancel() // somebody else may hold the port and never answer
		case <-alive.Done():
		}
	}()
	for {
		err := ready(alive)
		if err == nil {
			return nil
		}
		if !process.running() {
			return fmt.Errorf("ended with %v\n%s", process.cmd.ProcessState, process.logTail())
		}
		select {
		case <-process.exited:
		case <-time.After(25 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("did not answer: %w\n%s", err, process.logTail())
		}
	}
}

func pingOnce(ctx context.Context, db *sql.DB) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	var one int
	return db.QueryRowContext(ctx, "SELECT 1").Scan(&one)
}

// Stop ends the server, even if it was killed or paused, and removes its data. Later calls
// return the result of the first.
func (s *Server) Stop() error {
	s.stop.Do(func() {
		s.life.Lock()
		defer s.life.Unlock()
		if s.primary != nil {
			s.stopFailed = s.primary.forgetStandby()
		}
		s.stopFailed = errors.Join(s.stopFailed, s.end())
		if s.backend != nil {
			s.stopFailed = errors.Join(s.stopFailed, s.backend.Stop())
		}
		if s.ownsDir {
			s.stopFailed = errors.Join(s.stopFailed, os.RemoveAll(s.dir))
		}
	})
	return s.stopFailed
}

// end asks the server to end and waits until it has.
func (s *Server) end() error {
	return errors.Join(s.resume(), s.process.stop(s.ask, stopGrace))
}

// Kill ends the server by SIGKILL, with all its processes, and returns when they are gone.
// What it had acknowledged is there after a Restart if it is Durable. A server that has
// ended already is no error.
func (s *Server) Kill() error {
	s.life.Lock()
	defer s.life.Unlock()
	s.paused = false
	return s.process.kill()
}

// Restart starts the server again, with its data, port, user and password, and returns
// once it answers: after a Kill, or else after it has been asked to end and has ended.
func (s *Server) Restart(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	s.life.Lock()
	defer s.life.Unlock()
	if err := s.end(); err != nil {
		return fmt.Errorf("ending %s: %w", s.Vendor, err)
	}
	for {
		err := s.boot(ctx)
		if err == nil {
			return nil
		}
		// A client that still tries to connect may have been given this very port as
		// its own, for a moment.
		if !errors.Is(err, errPortTaken) || ctx.Err() != nil {
			return fmt.Errorf("starting %s again: %w", s.Vendor, err)
		}
	}
}

// Pause stops all processes of the server (SIGSTOP): connections stay open, the kernel
// still accepts new ones, and nothing is answered. On Linux only. A server stays paused if
// this process dies before Resume, Kill or Stop.
func (s *Server) Pause() error {
	s.life.Lock()
	defer s.life.Unlock()
	if !s.process.running() {
		return fmt.Errorf("pausing %s: it does not run", s.Vendor)
	}
	s.paused = true
	return s.process.freeze()
}

// Resume continues a paused server. It does nothing if the server is not paused.
func (s *Server) Resume() error {
	s.life.Lock()
	defer s.life.Unlock()
	return s.resume()
}

func (s *Server) resume() error {
	if !s.paused {
		return nil
	}
	s.paused = false
	return s.process.thaw()
}

// running reports whether the server was started and has not ended.
func (s *Server) running() bool {
	s.life.Lock()
	defer s.life.Unlock()
	return s.process.running()
}

// answers reports whether the server runs and is not paused.
func (s *Server) answers() bool {
	s.life.Lock()
	defer s.life.Unlock()
	return !s.paused && s.process.running()
}

// Log returns the end of what the server has logged.
func (s *Server) Log() string { return tailOf(s.logPath()) }

func (s *Server) logPath() string { return filepath.Join(s.dir, "server.log") }
