package torture

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/djsession/djsession/internal/testenv"
)

// A fault is a temporary failure of the database or of the network.
type fault struct {
	row    row
	name   string
	strike func(ctx context.Context, server *testenv.Server, proxy *testenv.Proxy) error
}

// holding returns a fault that lasts for the plan's time.
func holding(strike func(*testenv.Proxy)) func(context.Context, *testenv.Server, *testenv.Proxy) error {
	return func(_ context.Context, _ *testenv.Server, p *testenv.Proxy) error {
		strike(p)
		time.Sleep(current.fault)
		return p.Heal()
	}
}

var faults = []fault{
	{restarted, "restart", func(ctx context.Context, s *testenv.Server, _ *testenv.Proxy) error { return s.Restart(ctx) }},
	{paused, "pause", func(_ context.Context, s *testenv.Server, _ *testenv.Proxy) error {
		if err := s.Pause(); err != nil {
			return err
		}
		time.Sleep(current.fault)
		return s.Resume()
	}},
	{dropped, "drop", holding((*testenv.Proxy).Drop)},
	{delayed, "delay", holding(func(p *testenv.Proxy) { p.Delay(50 * time.Millisecond) })},
	{reset, "reset", holding((*testenv.Proxy).Reset)},
	{halfClosed, "half-close", func(ctx context.Context, s *testenv.Server, p *testenv.Proxy) error {
		return errors.Join(holding((*testenv.Proxy).HalfCloseClient)(ctx, s, p), holding((*testenv.Proxy).HalfCloseServer)(ctx, s, p))
	}},
}

// strike causes each fault under load. Go and our engine connect to the database through a proxy,
// Django with its own engine directly.
func strike(t *testing.T, a *arena, server *testenv.Server, workers []*testenv.Worker) {
	way, proxy := a.proxied(t, server)
	for i, f := range faults {
		if !full() && (i%2 == 0) != (server.Vendor == testenv.PostgreSQLVendor || server.Vendor == testenv.RedisVendor) {
			continue // the short form tests each fault on one database
		}
		if f.row == restarted && server.Vendor == testenv.MemcachedVendor {
			continue // it keeps nothing
		}
		t.Run(f.name, func(t *testing.T) {
			if f.row == paused && runtime.GOOS != "linux" {
				t.Skip("servers can be paused on Linux only")
			}
			a.refresh(t)
			orders := a.orders(serving)
			for i := range orders {
				way.lead(&orders[i])
				orders[i].Timeout = current.patience
			}
			writers := a.mixed(workers)
			for i := range writers {
				writers[i].through = way
			}
			s, v := a.storm(t, orders, writers, func(s *storm) {
				time.Sleep(current.quiet)
				if err := f.strike(t.Context(), server, proxy); err != nil {
					t.Fatal(err)
				}
				s.await(t)
				time.Sleep(current.quiet)
			})
			a.add(t, f.row, s.survived(v))
			if f.row == paused && a.watch != nil {
				a.add(t, slowest, fmt.Sprintf("%.1f s", s.slowest.Seconds()))
				// A request waits when its session is loaded, and again when it is saved.
				if s.slowest > 2*current.patience+mostLate {
					t.Errorf("an answer took %v", s.slowest)
				}
				if current.fault > current.patience && s.unavailable == 0 {
					t.Error("nobody noticed")
				}
			}
		})
	}
}

// A detour is the way to the sessions through a proxy: for a Go process, and in Django's settings. The
// zero value is the straight way.
type detour struct {
	lead     func(*order)
	database map[string]any // fields of the entry of DATABASES
	caches   any            // CACHES
}

// proxied starts a proxy, and returns the way through it.
func (a *arena) proxied(t *testing.T, server *testenv.Server) (detour, *testenv.Proxy) {
	t.Helper()
	if a.database != nil {
		through, proxy := a.database.Proxied(t)
		entry := through.Django(nil)
		return detour{
			lead:     func(o *order) { o.DSN = through.DSN(a.parameters...) },
			database: map[string]any{"HOST": entry["HOST"], "PORT": entry["PORT"]},
		}, proxy
	}
	proxy, err := testenv.StartProxy(server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Close)
	through := a.place
	through.Addresses = []string{proxy.Addr()}
	return detour{lead: func(o *order) { o.Place.Addresses = through.Addresses }, caches: through.settings(false)["CACHES"]}, proxy
}

// mostLate is how much later than its timeouts a request may be answered.
const mostLate = 5 * time.Second

// survived returns the table's text for a storm. Lost is what was acknowledged and not
// stored, or overwritten by Go.
func (s *storm) survived(v verdict) string {
	return fmt.Sprintf("lost %s, anonymous %s, 503 %s",
		share(v.lost(), v.all()),
		share(s.anonymous, s.answers), thousands(s.unavailable))
}

// skew sets the clocks of half of the Go processes ahead, and of half behind.
func skew(t *testing.T, a *arena, workers []*testenv.Worker) {
	const ahead = 5 * time.Minute
	a.refresh(t)
	orders := a.orders(serving)
	for i := range orders {
		orders[i].Ahead = ahead
		if i%2 == 1 {
			orders[i].Ahead = -ahead
		}
	}
	s, v := a.storm(t, orders, a.mixed(workers), func(*storm) { time.Sleep(2 * current.quiet) })
	a.add(t, skewed, s.survived(v))
}

// promote kills a PostgreSQL and promotes its synchronous standby.
func promote(t *testing.T, a *arena, primary *testenv.Server) {
	standby := testenv.Standby(t, primary, testenv.Durable())
	proxied, proxy := a.database.Proxied(t)
	a = a.behind(t, proxied)
	a.refresh(t)
	s, v := a.storm(t, a.orders(serving), a.mixed(a.workers), func(s *storm) {
		time.Sleep(current.quiet)
		if err := primary.Kill(); err != nil {
			t.Fatal(err)
		}
		s.recovery(t, func(ctx context.Context) error {
			if err := standby.Promote(ctx); err != nil {
				return err
			}
			proxy.SetTarget(standby.Addr())
			return nil
		})
		time.Sleep(current.quiet)
	})
	a.add(t, promoted, s.survived(v))
}
