package torture

import (
	"bufio"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/internal/testenv"
)

// forget kills memcached, which keeps sessions in memory only. While it is down, nobody counts
// as anonymous; when it is back, everybody is logged out.
func forget(t *testing.T, a *arena, server *testenv.Server) {
	a.refresh(t)
	s := &storm{arena: a, services: start(t, a.orders(serving)...), client: &http.Client{Timeout: clientPatience}}
	defer s.client.CloseIdleConnections()
	for _, p := range s.services {
		p.begin(t)
	}
	n := 0
	everybodyGets := func(want int) int {
		t.Helper()
		n++
		for i, key := range a.keys {
			for service := range s.services {
				if status, text, _ := s.send(service, key, setPath("g0", n)); status != want {
					t.Errorf("visitor %d got %d instead of %d: %s", i, status, want, text)
				}
			}
		}
		return len(a.keys)
	}
	everybodyGets(http.StatusOK)
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	everybodyGets(http.StatusServiceUnavailable)
	if err := server.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	all := everybodyGets(http.StatusUnauthorized)
	a.add(t, forgotten, "503 while it was down, then logged out "+share(all, all))
	for _, p := range s.services {
		p.end(t)
	}
}

// redisVersion records the version of a Redis or Valkey server.
func (a *arena) redisVersion(t *testing.T, server *testenv.Server) {
	t.Helper()
	info, err := server.Command(t.Context(), "INFO", "server")
	if err != nil {
		t.Fatal(err)
	}
	_, version, found := strings.Cut(info, "valkey_version:")
	if !found {
		_, version, _ = strings.Cut(info, "redis_version:")
	}
	version, _, _ = strings.Cut(version, "\r")
	a.versionIs(version)
}

// memcachedVersion records the version of a memcached server.
func (a *arena) memcachedVersion(t *testing.T, server *testenv.Server) {
	t.Helper()
	conn, err := net.DialTimeout("tcp", server.Addr(), time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("version\r\n")); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	a.versionIs(strings.TrimSpace(strings.TrimPrefix(line, "VERSION ")))
}
