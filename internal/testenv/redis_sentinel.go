package testenv

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// RedisSentinel is a Redis master with a replica, and three Sentinels that watch them and have
// the replica take over after about a second.
type RedisSentinel struct {
	Name            string // of the master, to the Sentinels
	Master, Replica *Server
	Sentinels       []*Server
}

// StartRedisSentinel starts a master, its replica and three Sentinels. The options are those
// of master and replica; dir is as for StartRedis. The Sentinels have no password.
func StartRedisSentinel(ctx context.Context, dir string, opts ...Option) (*RedisSentinel, error) {
	r := &RedisSentinel{Name: "sessions"}
	fail := func(err error) (*RedisSentinel, error) {
		return nil, errors.Join(fmt.Errorf("starting Redis Sentinel: %w", err), r.Stop())
	}
	var err error
	if r.Master, err = StartRedis(ctx, dir, opts...); err != nil {
		return fail(err)
	}
	replicaOf := WithSetting("replicaof", r.Master.Host+" "+strconv.Itoa(r.Master.Port))
	if r.Replica, err = startRedisWith(ctx, dir, r.Master.Password, optionsOf(append(opts, replicaOf))); err != nil {
		return fail(err)
	}
	for _, s := range []*Server{r.Master, r.Replica} {
		if err := s.waitForRedis(ctx, "replication", replicates, "INFO", "replication"); err != nil {
			return fail(err)
		}
	}
	watch := options{sentinel: true, settings: [][2]string{
		{"sentinel", fmt.Sprintf("monitor %s %s %d 2", r.Name, r.Master.Host, r.Master.Port)},
		{"sentinel", "down-after-milliseconds " + r.Name + " 500"},
		{"sentinel", "failover-timeout " + r.Name + " 3000"},
	}}
	if r.Master.Password != "" {
		watch.settings = append(watch.settings, [2]string{"sentinel", "auth-pass " + r.Name + " " + r.Master.Password})
	}
	for range 3 {
		s, err := startRedisWith(ctx, dir, "", watch, "--sentinel")
		if err != nil {
			return fail(err)
		}
		r.Sentinels = append(r.Sentinels, s)
	}
	for _, s := range r.Sentinels {
		err := s.waitForRedis(ctx, "Sentinels to meet", func(answer string) bool {
			return strings.Contains(answer, "num-slaves\n1\n") && strings.Contains(answer, "num-other-sentinels\n2\n")
		}, "SENTINEL", "MASTER", r.Name)
		if err != nil {
			return fail(err)
		}
	}
	return r, nil
}

// Addrs returns the addresses of the Sentinels.
func (r *RedisSentinel) Addrs() []string {
	var addrs []string
	for _, s := range r.Sentinels {
		addrs = append(addrs, s.Addr())
	}
	return addrs
}

// servers are all that were started.
func (r *RedisSentinel) servers() []*Server {
	all := r.Sentinels
	for _, s := range []*Server{r.Master, r.Replica} {
		if s != nil {
			all = append(all, s)
		}
	}
	return all
}

// Stop ends all servers and removes their data.
func (r *RedisSentinel) Stop() error { return stopAll(r.servers()) }

// NewRedisSentinel starts a Sentinel set-up for one test.
func NewRedisSentinel(t testing.TB, opts ...Option) *RedisSentinel {
	t.Helper()
	r, err := StartRedisSentinel(t.Context(), "", opts...)
	failOrSkip(t, err)
	serveAll(t, r.servers())
	return r
}
