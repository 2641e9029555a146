package testenv

import (
	"os"
	"testing"
	"time"
)

// TestServersFail: what a durable server acknowledged survives whatever is done to it, and
// it is the same server afterwards.
func TestServersFail(t *testing.T) {
	starts := map[string]func(testing.TB, ...Option) *Server{"PostgreSQL": PostgreSQL, "MariaDB": MariaDB}
	if os.Getenv(MatrixVariable) == "full" {
		starts["MySQL"] = MySQL
	}
	for name, start := range starts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, Durable())
			d, err := s.CreateDatabase(t.Context(), "kept")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := d.Connect(t).Exec("CREATE TABLE thing (n int)"); err != nil {
				t.Fatal(err)
			}
			rows := 0
			writes := func(t *testing.T) {
				t.Helper()
				db := d.Connect(t)
				if _, err := db.Exec("INSERT INTO thing VALUES (1)"); err != nil {
					t.Fatal(err)
				}
				rows++
				counted(t, db, rows)
			}
			must := func(t *testing.T, err error) {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
			}
			writes(t)
			t.Run("killed", func(t *testing.T) {
				family := familyOf(t, s)
				if s.Vendor == PostgreSQLVendor && len(family) < 3 {
					t.Errorf("PostgreSQL's processes are %v", family)
				}
				must(t, s.Kill())
				gone(t, s, family)
				must(t, s.Kill())
				if err := s.Pause(); err == nil {
					t.Error("a server that does not run was paused")
				}
				must(t, s.Restart(t.Context()))
				writes(t)
			})
			t.Run("restarted", func(t *testing.T) {
				family := familyOf(t, s)
				must(t, s.Restart(t.Context()))
				gone(t, s, family)
				writes(t)
			})
			t.Run("paused", func(t *testing.T) {
				must(t, s.Resume()) // of a server that runs
				db := d.Connect(t)
				must(t, db.Ping())
				must(t, s.Pause())
				answered := make(chan error, 1)
				go func() { answered <- db.PingContext(t.Context()) }()
				silent(t, answered, "an answer of a paused server")
				must(t, s.Resume())
				must(t, within(t, answered, "the answer after Resume"))
				writes(t)
			})
			t.Run("killed while it is paused", func(t *testing.T) {
				must(t, s.Pause())
				must(t, s.Kill())
				must(t, s.Restart(t.Context()))
				writes(t)
			})
			t.Run("stopped while it is paused", func(t *testing.T) {
				must(t, s.Pause())
				start := time.Now()
				must(t, s.Stop())
				if took := time.Since(start); took > stopGrace/2 {
					t.Errorf("Stop took %v", took)
				}
			})
		})
	}
}

// familyOf returns the ids of the server's processes.
func familyOf(t *testing.T, s *Server) []int {
	t.Helper()
	pid := s.process.cmd.Process.Pid
	children, err := childrenOf(pid)
	if err != nil {
		t.Fatal(err)
	}
	return append(children, pid)
}

func gone(t *testing.T, s *Server, family []int) {
	t.Helper()
	for _, pid := range family {
		if fields := stat(pid); len(fields) > 0 && fields[0] != "Z" {
			t.Errorf("process %d of %s is in state %s", pid, s.Vendor, fields[0])
		}
	}
}

// TestStandby: a primary waits for its standby until that is stopped; what it has
// acknowledged is on the standby, which takes writes once it is promoted.
func TestStandby(t *testing.T) {
	primary := PostgreSQL(t, Durable())
	d, err := primary.CreateDatabase(t.Context(), "thing")
	if err != nil {
		t.Fatal(err)
	}
	db := d.Connect(t)
	if _, err := db.Exec("CREATE TABLE thing (n int)"); err != nil {
		t.Fatal(err)
	}
	first := Standby(t, primary)
	if err := first.Pause(); err != nil {
		t.Fatal(err)
	}
	written := make(chan error, 1)
	go func() {
		_, err := db.Exec("INSERT INTO thing VALUES (1)")
		written <- err
	}()
	silent(t, written, "the end of a commit that the standby does not know of")
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := within(t, written, "the end of the commit"); err != nil {
		t.Error(err)
	}

	second := Standby(t, primary)
	const rows = 20
	for range rows - 1 {
		if _, err := db.Exec("INSERT INTO thing VALUES (1)"); err != nil {
			t.Fatal(err)
		}
	}
	if err := primary.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := second.Promote(t.Context()); err != nil {
		t.Fatal(err)
	}
	promoted := second.Database("thing").Connect(t)
	counted(t, promoted, rows)
	if _, err := promoted.Exec("INSERT INTO thing VALUES (1)"); err != nil {
		t.Errorf("writing to the promoted standby: %v", err)
	}
	if err := second.Promote(t.Context()); err == nil {
		t.Error("a primary was promoted")
	}
}

func TestStandbyNeedsADurablePrimary(t *testing.T) {
	if _, err := StartStandby(t.Context(), "", servers.PostgreSQL(t)); err == nil {
		t.Error("the standby of a server that is not durable was started")
	}
}
