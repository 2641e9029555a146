package dbstore_test

import (
	"crypto/rand"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/django/storetest"
	"github.com/djsession/djsession/internal/testenv"
)

// withVitess returns a Vitess of two shards with the table in it.
func withVitess(t *testing.T) *testenv.Database {
	t.Helper()
	testenv.MatrixOnly(t)
	d := servers.Vitess(t)
	d.CreateSessionTable(t)
	return d
}

// TestVitess: the store finds out that the table is sharded, or is told.
func TestVitess(t *testing.T) {
	d := withVitess(t)
	for name, c := range map[string]struct {
		dsn  string
		opts []dbstore.Option
	}{
		"found out": {"transaction_mode=" + url.QueryEscape("'multi'"), nil}, // the default
		"option":    {"interpolateParams=true", []dbstore.Option{dbstore.WithShardedByKey()}},
		"TWOPC":     {"transaction_mode=" + url.QueryEscape("'twopc'"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			db := connect(t, d, c.dsn)
			storetest.Run(t, func(t *testing.T) django.Store {
				ss := newSessions(t, db, append(c.opts, dbstore.WithBatch(3))...)
				s := saved(t, ss) // its move is what a store finds out by
				s.CycleKey()
				save(t, s)
				if err := s.Flush(t.Context()); err != nil {
					t.Fatal(err)
				}
				return ss.Store()
			})
		})
	}
}

// TestVitessShards: both shards get sessions, and a session moves from one to the other.
func TestVitessShards(t *testing.T) {
	d := withVitess(t)
	db := connect(t, d)
	ss := newSessions(t, db)
	shards := map[string]*sqlx.DB{}
	for _, shard := range []string{"-80", "80-"} {
		on := *d
		on.Name += ":" + shard
		shards[shard] = connect(t, &on)
	}
	shardOf := func(key string) string {
		for shard, db := range shards {
			if count(t, db, "SELECT COUNT(*) FROM django_session WHERE session_key = '"+key+"'") == 1 {
				return shard
			}
		}
		return ""
	}
	crossed := 0
	for range 20 {
		s := saved(t, ss)
		from := shardOf(s.Key())
		s.CycleKey()
		save(t, s)
		to := shardOf(s.Key())
		if from == "" || to == "" {
			t.Fatalf("a session was on shard %q, then on %q", from, to)
		}
		if from != to {
			crossed++
		}
	}
	if n := count(t, db, "SELECT COUNT(*) FROM django_session"); crossed == 0 || n != 20 {
		t.Errorf("%d of 20 sessions moved to the other shard, and %d are stored", crossed, n)
	}
}

// TestVitessSingle: where a transaction may use one shard only, nothing happens to a session that
// would move to another.
func TestVitessSingle(t *testing.T) {
	db := connect(t, withVitess(t), "transaction_mode="+url.QueryEscape("'single'"))
	ss := newSessions(t, db)
	refused := 0
	for range 20 {
		s := saved(t, ss)
		key := s.Key()
		s.CycleKey()
		if err := s.Save(t.Context()); err != nil {
			var e *dbstore.Error
			if !errors.As(err, &e) || e.Kind != dbstore.KindOther {
				t.Fatalf("Save: %v", err)
			}
			refused++
			load(t, ss, key)
		}
	}
	if n := count(t, db, "SELECT COUNT(*) FROM django_session"); n != 20 || refused == 0 {
		t.Errorf("%d sessions, %d moves refused", n, refused)
	}
}

// TestVitessSecrets: Vitess's messages quote statements and their values, and cut them off.
func TestVitessSecrets(t *testing.T) {
	db := connect(t, withVitess(t))
	db.MustExec("ALTER TABLE django_session MODIFY session_data varchar(100) NOT NULL")
	ss := newSessions(t, db)
	for _, words := range []int{10, 1000} {
		s := ss.NewSession()
		secret := ""
		for range words {
			secret += rand.Text() // which does not compress
		}
		set(t, s, "a", secret)
		err := s.Save(t.Context())
		var e *dbstore.Error
		if !errors.As(err, &e) {
			t.Fatalf("Save: %v", err)
		}
		if strings.Contains(err.Error(), "BindVars") || len(err.Error()) > 500 || strings.Contains(err.Error(), s.Key()) && s.Key() != "" {
			t.Errorf("Save: %v", err)
		}
		if driver := errors.Unwrap(e.Err); driver == nil || !strings.Contains(driver.Error(), "BindVars") {
			t.Errorf("Vitess's own message quotes nothing: %v", driver)
		}
	}
}

// TestVitessClear: a session that is prolonged between the SELECT of ClearExpired and its DELETE
// survives, on each shard.
func TestVitessClear(t *testing.T) {
	db := connect(t, withVitess(t))
	store := newSessions(t, db, dbstore.WithBatch(10)).Store().(*dbstore.Store)
	for range 25 {
		s := newSessions(t, db).NewSession()
		if err := s.SetExpiry(-time.Hour); err != nil {
			t.Fatal(err)
		}
		save(t, s)
	}
	n, err := store.ClearExpiredProgress(t.Context(), time.Now(), func(int64) {
		db.MustExec("UPDATE django_session SET expire_date = '2130-01-01 00:00:00'")
	})
	if left := count(t, db, "SELECT COUNT(*) FROM django_session"); n != 10 || err != nil || left != 15 {
		t.Errorf("cleared %d, %v; %d are left", n, err, left)
	}
}
