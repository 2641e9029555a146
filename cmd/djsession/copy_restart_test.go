package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// fill makes sessions in the table.
func (c *cli) fill(n int) {
	c.t.Helper()
	c.db.Exec("BEGIN")
	for i := range n {
		data := sign(c.t, c, fmt.Sprintf(`{"_auth_user_id":"%d","cart":[{"sku":"tea","quantity":%d}]}`, i, i%7))
		c.insert(fmt.Sprintf("session%025d", i), data, fmt.Sprintf("2199-01-01 %02d:%02d:%02d", i/3600%24, i/60%60, i%60))
	}
	c.db.Exec("COMMIT")
}

// interrupted is a source that calls interrupt when it has listed some sessions.
type interrupted struct {
	django.Lister
	after     int
	interrupt func()
}

func (i interrupted) List(ctx context.Context, f django.Filter) iter.Seq2[django.Listed, error] {
	return func(yield func(django.Listed, error) bool) {
		n := 0
		for l, err := range i.Lister.List(ctx, f) {
			if n++; n == i.after {
				i.interrupt()
			}
			if !yield(l, err) {
				return
			}
		}
	}
}

// TestCopyRestarted: a copy that was interrupted, or whose target failed, is completed by the
// next one.
func TestCopyRestarted(t *testing.T) {
	const all = 100
	redis := servers.Redis(t)
	proxy, err := testenv.StartProxy(redis.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Close)
	for name, test := range map[string]struct {
		target    func(*cli) *cli
		interrupt func(cancel func())
		restore   func() error
		want      func(error) bool
	}{
		"interrupted": {
			func(c *cli) *cli { return onFiles(t, c) }, func(cancel func()) { cancel() }, func() error { return nil },
			func(err error) bool { return errors.Is(err, context.Canceled) },
		},
		"target down": {
			func(c *cli) *cli {
				return onRedis(t, c).with("CACHE_URL", "redis://"+proxy.Addr()+"/0").with("DJANGO_SESSION_ENGINE", "cache")
			},
			func(func()) { proxy.Reset() }, proxy.Heal,
			func(err error) bool { return err != nil && !errors.Is(err, context.Canceled) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newSite(t)
			c.fill(all)
			d := test.target(newSite(t))
			both := c.targetOf(d)
			var stderr bytes.Buffer
			a := &app{getenv: func(name string) string { return both.env[name] }, stderr: &stderr}
			in := inputs{cmd: commandOf(t, a, "copy"), getenv: a.getenv}
			from, err := a.openSite(in)
			if err != nil {
				t.Fatal(err)
			}
			defer from.close()
			in.target = true
			to, err := a.openSite(in)
			if err != nil {
				t.Fatal(err)
			}
			defer to.close()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			copier := &copier{from: from, to: to, out: &bytes.Buffer{}}
			err = copier.copyAll(ctx, interrupted{from.rows, all / 2, func() { test.interrupt(cancel) }})
			if done := copier.tally[copied]; !test.want(err) || done == 0 || done >= all {
				t.Fatalf("%d were copied: %v", done, err)
			}
			if err := test.restore(); err != nil {
				t.Fatal(err)
			}
			r := both.run("copy")
			var more, there int
			if _, err := fmt.Sscanf(r.stderr, "djsession: %d sessions copied; %d already there\n", &more, &there); err != nil || r.status != 0 || more+there != all || there < copier.tally[copied] {
				t.Errorf("%+v %v", r, err)
			}
			data, _ := contents(c)
			copies, _ := contents(d)
			if len(data) != all || !maps.Equal(data, copies) {
				t.Errorf("%d sessions became %d, or changed", len(data), len(copies))
			}
		})
	}
}

// A copy that a signal ends says what it did.
func TestCopyCanceled(t *testing.T) {
	c := newSite(t)
	c.create("{}")
	both := c.targetOf(onFiles(t, newSite(t)))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := both.runContext(ctx, nil, "copy")
	if r.status != 130 || r.stderr != "djsession: 0 sessions copied\ndjsession: interrupted\n" {
		t.Errorf("%+v", r)
	}
}

// On a terminal, copy shows its progress.
func TestCopyProgress(t *testing.T) {
	var terminal bytes.Buffer
	c := copier{progress: &progress{w: &terminal, from: time.Now().Add(-time.Second)}}
	for _, o := range []outcome{copied, skipped} {
		if err := c.one(t.Context(), django.Listed{}, func(context.Context, django.Listed) (outcome, error) { return o, nil }); err != nil {
			t.Fatal(err)
		}
	}
	if got := terminal.String(); got != "\r1 session read\r2 sessions read" {
		t.Errorf("got %q", got)
	}
}

// BenchmarkCopy copies 10,000 sessions each time.
func BenchmarkCopy(b *testing.B) {
	const all = 10_000
	rows := func() string {
		set := django.DefaultSettings()
		set.SecretKey = testSecret
		codec, err := django.NewCodec(set, nil)
		if err != nil {
			b.Fatal(err)
		}
		var values []string
		for i := range all {
			text, err := codec.Sign(b.Context(), fmt.Appendf(nil, `{"_auth_user_id":"%d","_auth_user_backend":"django.contrib.auth.backends.ModelBackend","cart":[{"sku":"tea","quantity":%d}]}`, i, i%7))
			if err != nil {
				b.Fatal(err)
			}
			values = append(values, fmt.Sprintf("('session%025d','%s','2199-01-01 %02d:%02d:%02d+00:00')", i, text, i/3600%24, i/60%60, i%60))
		}
		return "INSERT INTO django_session (session_key, session_data, expire_date) VALUES " + strings.Join(values, ",")
	}()
	postgreSQL := func() map[string]string {
		d := servers.New(b, testenv.PostgreSQLVendor)
		d.CreateSessionTable(b)
		return map[string]string{"DATABASE_URL": d.URL(), "DJANGO_SESSION_ENGINE": "db"}
	}
	redis := func() map[string]string {
		return map[string]string{"CACHE_URL": servers.Redis(b).URL(0), "DJANGO_CACHE_KEY_PREFIX": testenv.NewKeyPrefix(), "DJANGO_SESSION_ENGINE": "cache"}
	}
	files := func() map[string]string {
		return map[string]string{"DJANGO_SESSION_FILE_PATH": b.TempDir(), "DJANGO_SESSION_ENGINE": "file"}
	}
	copyAll := func(b *testing.B, from, to map[string]string) time.Duration {
		env := map[string]string{"DJANGO_SECRET_KEY": testSecret, "DJANGO_USE_TZ": "True"}
		maps.Copy(env, from)
		for name, value := range to {
			env["TO_"+name] = value
		}
		var stdout, stderr bytes.Buffer
		began := time.Now()
		status := run(b.Context(), []string{"copy"}, func(name string) string { return env[name] }, strings.NewReader(""), &stdout, &stderr)
		if status != 0 || !strings.Contains(stderr.String(), fmt.Sprintf("%d sessions copied\n", all)) {
			b.Fatalf("status %d, %s", status, &stderr)
		}
		return time.Since(began)
	}
	source := postgreSQL()
	env := func(name string) string { return source[name] }
	a := &app{getenv: func(name string) string {
		if name == "DJANGO_SECRET_KEY" {
			return testSecret
		}
		return env(name)
	}}
	s, err := a.openSite(inputs{cmd: commandOf(b, a, "list"), getenv: a.getenv})
	if err != nil {
		b.Fatal(err)
	}
	defer s.close()
	if _, err := s.db.Exec(rows); err != nil {
		b.Fatal(err)
	}
	cached := redis()
	copyAll(b, source, cached)
	for _, test := range []struct {
		name     string
		from, to func() map[string]string
	}{
		{"PostgreSQL to Redis", func() map[string]string { return source }, redis},
		{"Redis to PostgreSQL", func() map[string]string { return cached }, postgreSQL},
		{"PostgreSQL to files", func() map[string]string { return source }, files},
	} {
		b.Run(test.name, func(b *testing.B) {
			var took time.Duration
			for b.Loop() {
				took += copyAll(b, test.from(), test.to())
			}
			b.ReportMetric(all*float64(b.N)/took.Seconds(), "sessions/s")
		})
	}
}
