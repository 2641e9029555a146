package testenv

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// MemcachedVendor is the Vendor of a memcached server, which has no databases.
const MemcachedVendor Vendor = "memcached"

// Memcached starts a memcached server for one test. [WithSetting] gives it further arguments,
// such as WithSetting("-I", "4m") or WithSetting("-C", "").
func Memcached(t testing.TB, opts ...Option) *Server {
	t.Helper()
	s, err := StartMemcached(t.Context(), "", opts...)
	return serve(t, s, err)
}

// StartMemcached starts a memcached server; dir is as for StartPostgreSQL. A Restart empties
// it. The caller stops it.
func StartMemcached(ctx context.Context, dir string, opts ...Option) (*Server, error) {
	memcached, err := program("memcached")
	if err != nil {
		return nil, err
	}
	s, as, err := newServer(MemcachedVendor, dir, "djsession-mc-")
	if err != nil {
		return nil, err
	}
	s.ask = syscall.SIGKILL // it has nothing to save, and takes a second to end when it is asked
	s.ready = s.pingMemcached
	o := optionsOf(opts)
	return s.started(ctx, "memcached", func(ctx context.Context) error {
		return s.launch(ctx, func(port int) (*process, error) {
			argv := []string{memcached, "-l", s.Host, "-p", strconv.Itoa(port), "-U", "0", "-m", "16", "-t", "2"}
			for _, setting := range o.settings {
				argv = append(argv, setting[0])
				if setting[1] != "" {
					argv = append(argv, setting[1])
				}
			}
			return startProcess(as, s.dir, s.logPath(), syscall.SIGKILL, argv...)
		})
	})
}

// pingMemcached asks a memcached server for its version.
func (s *Server) pingMemcached(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.Addr())
	if err != nil {
		return err
	}
	defer conn.Close()
	deadline, _ := ctx.Deadline()
	if err := conn.SetDeadline(deadline); err != nil {
		return err
	}
	if _, err := conn.Write([]byte("version\r\n")); err != nil {
		return err
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err == nil && !strings.HasPrefix(line, "VERSION ") {
		err = fmt.Errorf("the answer %q is not memcached's", line)
	}
	return err
}
