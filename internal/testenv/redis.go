package testenv

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// RedisVendor is a Redis server. It has no databases to create: tests that share it keep
// their keys apart by [NewKeyPrefix].
const RedisVendor Vendor = "redis"

// WithPassword makes a Redis server demand Server.Password. By default it has none.
func WithPassword() Option { return func(o *options) { o.password = true } }

// Redis starts a Redis server for one test.
func Redis(t testing.TB, opts ...Option) *Server {
	t.Helper()
	s, err := StartRedis(t.Context(), "", opts...)
	return serve(t, s, err)
}

// StartRedis starts a Redis server that keeps its data below dir, or, if dir is empty, in a
// directory that Stop removes. If it is Durable, it flushes each write to disk before it
// acknowledges it (appendfsync always); else it writes nothing to disk. The caller stops it.
func StartRedis(ctx context.Context, dir string, opts ...Option) (*Server, error) {
	o := optionsOf(opts)
	password := ""
	if o.password {
		password = rand.Text()
	}
	return startRedisWith(ctx, dir, password, o)
}

// startRedisWith starts a Redis server with a password, or none.
func startRedisWith(ctx context.Context, dir, password string, o options, flags ...string) (*Server, error) {
	s, as, err := newServer(RedisVendor, dir, "djsession-rd-")
	if err != nil {
		return nil, err
	}
	s.User, s.Password, s.ask, s.ready, s.durable = "", password, syscall.SIGTERM, s.pingRedis, o.durable
	return s.started(ctx, "Redis", func(ctx context.Context) error { return s.launchRedis(ctx, as, o, flags...) })
}

// launchRedis starts the server. The settings stand in a file, which Sentinel and the
// server itself may change: so a server that starts again on its port uses the file there is.
func (s *Server) launchRedis(ctx context.Context, as account, o options, flags ...string) error {
	argv, err := redisProgram(o)
	if err != nil {
		return err
	}
	return s.launch(ctx, func(port int) (*process, error) {
		file := filepath.Join(s.dir, fmt.Sprintf("redis-%d.conf", port))
		if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
			if o.cluster {
				if s.busPort, err = freePort(s.Host); err != nil {
					return nil, err
				}
			}
			if err := os.WriteFile(file, []byte(s.redisConf(port, o)), 0o600); err != nil {
				return nil, err
			}
			if err := give(file, as); err != nil {
				return nil, err
			}
		}
		return startProcess(as, s.dir, s.logPath(), syscall.SIGKILL, slices.Concat(argv, []string{file}, flags)...)
	})
}

// redisProgram returns the words that start a server: a Valkey beside the system, or the system's
// Redis.
func redisProgram(o options) ([]string, error) {
	if name := o.besideOr("valkey"); name != "" {
		dir, err := besideDir(name)
		return debianProgram(dir, "usr/bin/valkey-server"), err
	}
	redis, err := program("redis-server", "valkey-server")
	return []string{redis}, err
}

func (s *Server) redisConf(port int, o options) string {
	settings := [][2]string{{"bind", s.Host}, {"port", strconv.Itoa(port)}, {"dir", s.dir}}
	if !o.sentinel {
		settings = append(settings, [][2]string{{"save", `""`}, {"repl-diskless-sync-delay", "0"}}...)
	}
	if s.Password != "" {
		settings = append(settings, [][2]string{{"requirepass", s.Password}, {"masterauth", s.Password}}...)
	}
	if o.durable {
		settings = append(settings, [][2]string{{"appendonly", "yes"}, {"appendfsync", "always"}}...)
	}
	if o.cluster {
		settings = append(settings, [][2]string{
			{"cluster-enabled", "yes"}, {"cluster-port", strconv.Itoa(s.busPort)}, {"cluster-node-timeout", "1000"},
		}...)
	}
	var text strings.Builder
	for _, setting := range append(settings, o.settings...) {
		fmt.Fprintf(&text, "%s %s\n", setting[0], setting[1])
	}
	return text.String()
}

// URL returns the address of database n of a Redis server, with its password.
func (s *Server) URL(n int) string {
	userinfo := ""
	if s.Password != "" {
		userinfo = ":" + s.Password + "@"
	}
	return fmt.Sprintf("redis://%s%s/%d", userinfo, s.Addr(), n)
}

// pingRedis returns nil once the server has loaded its data.
func (s *Server) pingRedis(ctx context.Context) error {
	_, err := s.Command(ctx, "PING")
	return err
}

// waitForRedis returns once the server answers a command as ready wants it.
func (s *Server) waitForRedis(ctx context.Context, what string, ready func(answer string) bool, command ...string) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		answer, err := s.Command(ctx, command...)
		if err == nil && ready(answer) {
			return nil
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w: %s: %w", what, ctx.Err(), answer, err)
		}
	}
}

// NewKeyPrefix returns a KEY_PREFIX that no other test has.
func NewKeyPrefix() string { return "test" + strings.ToLower(rand.Text()[:10]) }
