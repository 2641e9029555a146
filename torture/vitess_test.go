package torture

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

const vitessWriters = 16

// TestVitess replaces the primaries of a Vitess of separate processes under load, by plan and by
// SIGKILL to VTTablet and its MySQL server. There is no trail, which takes triggers: every writer
// reads at the end what it was told is stored.
func TestVitess(t *testing.T) {
	if !full() {
		t.Skip("it takes long, and 3 GiB of memory: set DJSESSION_TORTURE=full")
	}
	cluster := testenv.NewVitessCluster(t)
	cluster.Database.CreateSessionTable(t)
	db := sqlx.NewDb(cluster.Database.Connect(t), cluster.Database.Driver())
	sessions, err := django.New(siteSettings("6.0"), dbstore.New(db), django.WithTimeout(clientPatience))
	if err != nil {
		t.Fatal(err)
	}
	t.Run("planned", func(t *testing.T) {
		vitessStorm(t, "planned", sessions, slices.Repeat(testenv.VitessShards, 2), cluster.Reparent)
	})
	t.Run("killed", func(t *testing.T) { vitessStorm(t, "killed", sessions, testenv.VitessShards, cluster.KillPrimary) })
}

// vitessStorm has writers write while the primaries of shards are replaced one after the other, and
// checks what is stored at the end.
func vitessStorm(t *testing.T, column string, sessions *django.Sessions, shards []string, replace func(context.Context, string) error) {
	shared := make([]string, 4)
	for i := range shared {
		s := sessions.NewSession()
		if err := s.Save(t.Context()); err != nil {
			t.Fatal(err)
		}
		shared[i] = s.Key()
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	writers := make([]*vitessWriter, vitessWriters)
	var writing sync.WaitGroup
	for i := range writers {
		writers[i] = &vitessWriter{name: fmt.Sprint("w", i), sessions: sessions, shared: shared, stored: make([]int, len(shared))}
		writing.Go(func() { writers[i].write(ctx) })
	}
	for _, shard := range shards {
		time.Sleep(3 * time.Second)
		at := time.Now()
		bounded, cancel := context.WithTimeout(t.Context(), time.Minute)
		err := replace(bounded, shard)
		cancel()
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("primary of %s replaced after %.1f s", shard, time.Since(at).Seconds())
	}
	time.Sleep(3 * time.Second)
	cancel()
	writing.Wait()
	var acknowledged, failed, lost int
	var pause time.Duration
	for _, w := range writers {
		acknowledged, failed, pause = acknowledged+w.acknowledged, failed+w.failed, max(pause, w.pause)
		lost += w.lost(t)
		if w.failure != nil && !errors.Is(w.failure, django.ErrOutcomeUnknown) {
			t.Errorf("a write failed otherwise than with ErrOutcomeUnknown: %v", w.failure)
		}
	}
	vitess.add(t, column, vitessLost, share(lost, acknowledged))
	vitess.add(t, column, vitessFailed, thousands(failed))
	vitess.add(t, column, vitessPause, fmt.Sprintf("%.1f s", pause.Seconds()))
	if lost > 0 || acknowledged == 0 {
		t.Errorf("%d of %d acknowledged writes are lost", lost, acknowledged)
	}
}

// vitessWriter sets a key of its own in the shared sessions, and cycles the key of a session that only
// it has.
type vitessWriter struct {
	name     string
	sessions *django.Sessions
	shared   []string
	stored   []int // the last number in each, as it was told
	own      *django.Session
	ownValue int

	acknowledged, failed int
	failure              error         // the first other than ErrOutcomeUnknown, if there is one
	overwritten          int           // acknowledged writes that the next one did not find
	pause                time.Duration // the longest between two acknowledged writes
}

func (w *vitessWriter) write(ctx context.Context) {
	last := time.Now()
	for n := 1; ctx.Err() == nil; n++ {
		err := w.once(context.WithoutCancel(ctx), n)
		if err != nil {
			if w.failed++; w.failure == nil || errors.Is(w.failure, django.ErrOutcomeUnknown) {
				w.failure = err
			}
			continue
		}
		w.acknowledged++
		w.pause = max(w.pause, time.Since(last))
		last = time.Now()
	}
	w.pause = max(w.pause, time.Since(last))
}

// once writes the number n, to a session after the other and then to its own under a new key.
func (w *vitessWriter) once(ctx context.Context, n int) error {
	i := n % (len(w.shared) + 1)
	if i < len(w.shared) {
		s, err := w.sessions.Load(ctx, w.shared[i])
		if err != nil {
			return err
		}
		if before, err := django.Value(s, w.name, 0); err != nil || before < w.stored[i] {
			w.overwritten++
		}
		if err := s.Set(w.name, n); err != nil {
			return err
		}
		if err := s.Save(ctx); err != nil {
			return err
		}
		w.stored[i] = n
		return nil
	}
	if w.own == nil {
		w.own = w.sessions.NewSession()
	}
	w.own.CycleKey()
	if err := w.own.Set("n", n); err != nil {
		return err
	}
	if err := w.own.Save(ctx); err != nil {
		return err
	}
	w.ownValue = n
	return nil
}

// lost returns how many of the last acknowledged writes are not stored.
func (w *vitessWriter) lost(t *testing.T) (lost int) {
	t.Helper()
	keys, want, names := slices.Clone(w.shared), slices.Clone(w.stored), slices.Repeat([]string{w.name}, len(w.shared))
	if w.own != nil {
		keys, want, names = append(keys, w.own.Key()), append(want, w.ownValue), append(names, "n")
	}
	lost = w.overwritten
	for i, key := range keys {
		s, err := w.sessions.Load(t.Context(), key)
		if err != nil {
			t.Errorf("%s: %v", w.name, err)
			lost++
			continue
		}
		// A later write whose outcome was unknown may be stored.
		if n, err := django.Value(s, names[i], 0); err != nil || n < want[i] {
			lost++
		}
	}
	return lost
}
