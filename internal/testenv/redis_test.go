package testenv

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"
)

// A Redis server keeps what it acknowledged when it is killed, if it is Durable, and demands
// its password, if it has one.
func TestRedis(t *testing.T) {
	s := Redis(t, Durable(), WithPassword())
	addr := s.Addr()
	if _, err := s.Command(t.Context(), "SET", "a", "1"); err != nil {
		t.Fatal(err)
	}
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := s.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Command(t.Context(), "GET", "a"); got != "1" || err != nil || s.Addr() != addr {
		t.Errorf("after a restart at %s: %q, %v", s.Addr(), got, err)
	}
	stranger := &Server{Host: s.Host, Port: s.Port}
	if _, err := stranger.Command(t.Context(), "GET", "a"); err == nil || !strings.Contains(err.Error(), "NOAUTH") {
		t.Errorf("without a password: %v", err)
	}
	if err := s.Pause(); err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if got, err := s.Command(short, "GET", "a"); err == nil {
		t.Errorf("a paused server answers %q", got)
	}
	if err := s.Resume(); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Command(t.Context(), "GET", "a"); got != "1" || err != nil {
		t.Errorf("after the pause: %q, %v", got, err)
	}
}

func TestSharedRedis(t *testing.T) {
	s := servers.Redis(t)
	if got, err := s.Command(t.Context(), "PING"); got != "PONG" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	first, second := NewKeyPrefix(), NewKeyPrefix()
	if servers.Redis(t) != s || first == second || s.URL(3) != "redis://"+s.Addr()+"/3" {
		t.Error("another server, the same prefix, or another address")
	}
}

// TestValkey: each Valkey starts, and is one.
func TestValkey(t *testing.T) {
	if os.Getenv(MatrixVariable) != "full" {
		t.Skip("tools/setup fetches Valkey for DJSESSION_MATRIX=full")
	}
	for _, name := range []string{"valkey-8", "valkey"} {
		s := Redis(t, Beside(name))
		if info, err := s.Command(t.Context(), "INFO", "server"); err != nil || !strings.Contains(info, "valkey_version:") {
			t.Errorf("%s: %v; it is no Valkey:\n%s", name, err, info)
		}
	}
}

// When a master is killed, its replica takes over, in a Cluster and by Sentinel.
func TestRedisFailover(t *testing.T) {
	t.Run("Cluster", func(t *testing.T) {
		t.Parallel()
		c := NewRedisCluster(t, WithPassword())
		old, err := c.Master(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		if err := old.Kill(); err != nil {
			t.Fatal(err)
		}
		failsOver(t, old, func() (*Server, error) { return c.Master(t.Context(), "a") })
		if err := old.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := c.WaitUntilWhole(t.Context()); err != nil {
			t.Error(err)
		}
	})
	t.Run("Sentinel", func(t *testing.T) {
		t.Parallel()
		r := NewRedisSentinel(t, WithPassword())
		if err := r.Master.Kill(); err != nil {
			t.Fatal(err)
		}
		failsOver(t, r.Master, func() (*Server, error) {
			addr, err := r.Sentinels[0].Command(t.Context(), "SENTINEL", "GET-MASTER-ADDR-BY-NAME", r.Name)
			if strings.ReplaceAll(addr, "\n", ":") == r.Replica.Addr() {
				return r.Replica, err
			}
			return r.Master, err
		})
	})
}

// failsOver waits until another server than old is the master, and takes writes.
func failsOver(t *testing.T, old *Server, master func() (*Server, error)) {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		s, err := master()
		if err == nil && s != old {
			if _, err = s.Command(t.Context(), "SET", "a", "1"); err == nil {
				return
			}
		}
		if time.Now().After(end) {
			t.Fatalf("no other master: %v", err)
		}
	}
}
