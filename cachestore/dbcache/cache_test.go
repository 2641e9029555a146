package dbcache_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/dbcache"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/django/storetest"
)

func TestConformance(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		storetest.Run(t, func(t *testing.T) django.Store {
			sessions, err := django.New(settings(), cachestore.New(dbcache.New(db, "cache")))
			if err != nil {
				t.Fatal(err)
			}
			return sessions.Store()
		})
	})
}

// TestExpired: an item that has expired is gone for all but Add, which takes its place; expired
// or not, Delete removes it.
func TestExpired(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		now := time.Date(2026, 3, 1, 12, 0, 0, 500_000_000, time.UTC)
		c := open(t, db, &now)
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		must(c.Add(t.Context(), "key", item("old"), 1500*time.Millisecond))
		if err := c.Add(t.Context(), "key", item("new"), time.Hour); !errors.Is(err, django.ErrExists) {
			t.Errorf("Add: %v, want ErrExists", err)
		}
		now = now.Add(1500 * time.Millisecond) // the very moment
		if got, err := c.Get(t.Context(), "key"); got != item("old") || err != nil {
			t.Errorf("Get: %v, %v", got, err)
		}
		now = now.Add(time.Microsecond)
		if _, err := c.Get(t.Context(), "key"); !errors.Is(err, django.ErrNotFound) {
			t.Errorf("Get: %v, want ErrNotFound", err)
		}
		if _, err := c.Replace(t.Context(), "key", item("old"), item("new"), time.Hour); !errors.Is(err, django.ErrNotFound) {
			t.Errorf("Replace: %v, want ErrNotFound", err)
		}
		if _, err := c.Remove(t.Context(), "key", item("old")); !errors.Is(err, django.ErrNotFound) {
			t.Errorf("Remove: %v, want ErrNotFound", err)
		}
		must(c.Add(t.Context(), "key", item("new"), time.Hour))
		if got, err := c.Get(t.Context(), "key"); got != item("new") || err != nil {
			t.Errorf("Get: %v, %v", got, err)
		}
		now = now.Add(2 * time.Hour)
		must(c.Delete(t.Context(), "key"))
		rows := 0
		must(db.Get(&rows, "SELECT COUNT(*) FROM cache"))
		if rows != 0 {
			t.Errorf("%d rows are left", rows)
		}
	})
}

// TestExactKeys: MySQL's collations take one key for another; the cache does not.
func TestExactKeys(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		c := open(t, db, nil)
		if err := c.Add(t.Context(), "key", item("old"), time.Hour); err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{"KEY", "key ", "kéy", "key\x00", "k%", strings.Repeat("k", 256), "\xff"} {
			if got, err := c.Get(t.Context(), key); !errors.Is(err, django.ErrNotFound) {
				t.Errorf("%q: Get: %v, %v", key, got, err)
			}
			if _, err := c.Replace(t.Context(), key, item("old"), item("new"), time.Hour); !errors.Is(err, django.ErrNotFound) {
				t.Errorf("%q: Replace: %v", key, err)
			}
			if _, err := c.Remove(t.Context(), key, item("old")); !errors.Is(err, django.ErrNotFound) {
				t.Errorf("%q: Remove: %v", key, err)
			}
			if err := c.Delete(t.Context(), key); err != nil {
				t.Errorf("%q: Delete: %v", key, err)
			}
		}
		if got, err := c.Get(t.Context(), "key"); got != item("old") || err != nil {
			t.Errorf("Get: %v, %v", got, err)
		}
	})
}

// TestTransaction: in the caller's transaction a key that is in use does not end the transaction,
// and what is done takes effect with it.
func TestTransaction(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		direct := open(t, db, nil)
		if err := direct.Add(t.Context(), "old", item("stored"), time.Hour); err != nil {
			t.Fatal(err)
		}
		for _, commit := range []bool{false, true} {
			tx, err := db.Beginx()
			if err != nil {
				t.Fatal(err)
			}
			c := open(t, tx, nil)
			if err := c.Add(t.Context(), "old", item("new"), time.Hour); !errors.Is(err, django.ErrExists) {
				t.Errorf("Add: %v, want ErrExists", err)
			}
			if err := c.Add(t.Context(), "new", item("new"), time.Hour); err != nil {
				t.Error(err)
			}
			if _, err := c.Replace(t.Context(), "old", item("stored"), item("changed"), time.Hour); err != nil {
				t.Error(err)
			}
			end, want := tx.Rollback, item("stored")
			if commit {
				end, want = tx.Commit, item("changed")
			}
			if err := end(); err != nil {
				t.Fatal(err)
			}
			if got, err := direct.Get(t.Context(), "old"); got != want || err != nil {
				t.Errorf("commit %t: %v, %v", commit, got, err)
			}
			if _, err := direct.Get(t.Context(), "new"); errors.Is(err, django.ErrNotFound) == commit {
				t.Errorf("commit %t: %v", commit, err)
			}
		}
	})
}

// TestOddRows: what Django does not write is unreadable, and stays.
func TestOddRows(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		c := open(t, db, nil)
		for i, value := range []string{"no base64", "YQ", "YQ==\n", "YR=="} {
			key := fmt.Sprint("key", i)
			db.MustExec(db.Rebind("INSERT INTO cache (cache_key, value, expires) VALUES (?, ?, '2999-01-01 00:00:00')"), key, value)
			if got, err := c.Get(t.Context(), key); !errors.Is(err, django.ErrUnreadable) || strings.Contains(err.Error(), value) {
				t.Errorf("%q: Get: %v, %v", value, got, err)
			}
			if _, err := c.Replace(t.Context(), key, item("a"), item("b"), time.Hour); !errors.Is(err, django.ErrUnreadable) {
				t.Errorf("%q: Replace: %v", value, err)
			}
			if err := c.Add(t.Context(), key, item("b"), time.Hour); !errors.Is(err, django.ErrExists) {
				t.Errorf("%q: Add: %v", value, err)
			}
			stored := ""
			if err := db.Get(&stored, db.Rebind("SELECT value FROM cache WHERE cache_key = ?"), key); err != nil || stored != value {
				t.Errorf("%q became %q, %v", value, stored, err)
			}
		}
	})
}

// TestScan: all keys with a prefix are found, page by page, and no others.
func TestScan(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		now := time.Now()
		c := open(t, db, &now)
		const prefix, many = "a_b:1:", 1203
		insert := db.Rebind("INSERT INTO cache (cache_key, value, expires) VALUES (?, 'YQ==', ?)")
		tx := db.MustBegin()
		for i := range many {
			tx.MustExec(insert, fmt.Sprint(prefix, i), "2999-01-01 00:00:00")
		}
		for _, key := range []string{"axb:1:other", "A_B:1:upper", "a_b:2:version", "zzz"} {
			tx.MustExec(insert, key, "2999-01-01 00:00:00")
		}
		tx.MustExec(insert, prefix+"expired", "1999-01-01 00:00:00")
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		found := map[string]bool{}
		for at, err := range c.Scan(t.Context(), prefix) {
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(at.Key, prefix) || at.Age < 1000*time.Hour {
				t.Errorf("%q, %v", at.Key, at.Age)
			}
			found[at.Key] = true
		}
		if len(found) != many || found[prefix+"expired"] {
			t.Errorf("%d keys, want %d", len(found), many)
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		for _, err := range c.Scan(ended, prefix) {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("Scan: %v", err)
			}
		}
	})
}

// TestCheck: a table that is missing, or so full that Django deletes sessions, is an error that
// says what to do.
func TestCheck(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		c, most := open(t, db, nil), open(t, db, nil, dbcache.WithMaxEntries(6))
		check := func(c *dbcache.Cache, want string) {
			t.Helper()
			if err := c.Check(t.Context()); want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
				t.Errorf("Check: %v, want %q", err, want)
			}
		}
		for i := range 4 {
			check(most, "")
			if err := c.Add(t.Context(), fmt.Sprint("key", i), item("a"), time.Hour); err != nil {
				t.Fatal(err)
			}
		}
		check(c, "")
		check(most, "MAX_ENTRIES = 6")
		db.MustExec("DROP TABLE cache")
		check(c, "createcachetable")
		_, err := c.Get(t.Context(), "secret-key")
		if e := (*dbstore.Error)(nil); !errors.As(err, &e) || e.Kind != dbstore.KindUndefined || strings.Contains(err.Error(), "secret") {
			t.Errorf("Get: %v", err)
		}
	})
}

// TestOpen: wrong options and keys are refused when the engine is opened, and a cache that is
// not opened fails.
func TestOpen(t *testing.T) {
	db := sqlx.NewDb(nil, "sqlite")
	noUseTZ := settings()
	noUseTZ.UseTZ = nil
	for name, c := range map[string]struct {
		cache  *dbcache.Cache
		set    django.Settings
		prefix string
		want   string
	}{
		"right":      {dbcache.New(db, "cache"), settings(), "", ""},
		"no table":   {dbcache.New(db, ""), settings(), "", "LOCATION"},
		"long key":   {dbcache.New(db, "cache"), settings(), strings.Repeat("p", 200), "255 characters"},
		"NUL":        {dbcache.New(db, "cache"), settings(), "\x00", "NUL"},
		"no USE_TZ":  {dbcache.New(db, "cache"), noUseTZ, "", "USE_TZ"},
		"no dialect": {dbcache.New(sqlx.NewDb(nil, "other"), "cache"), settings(), "", "WithDialect"},
		"dialect":    {dbcache.New(sqlx.NewDb(nil, "other"), "cache", dbcache.WithDialect(dbstore.SQLite)), settings(), "", ""},
		"zone":       {dbcache.New(db, "cache", dbcache.WithTimeZone("Mars/Base")), settings(), "", "WithTimeZone"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := django.New(c.set, cachestore.New(c.cache, cachestore.WithKeyPrefix(c.prefix)))
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%v, want an error with %q", err, c.want)
			}
		})
	}
	c := dbcache.New(db, "cache")
	_, get := c.Get(t.Context(), "key")
	_, replace := c.Replace(t.Context(), "key", item("a"), item("b"), time.Hour)
	_, remove := c.Remove(t.Context(), "key", item("a"))
	for _, err := range []error{get, replace, remove, c.Add(t.Context(), "key", item("a"), time.Hour), c.Delete(t.Context(), "key"), c.Check(t.Context())} {
		if err == nil || !strings.Contains(err.Error(), "not opened") {
			t.Errorf("%v", err)
		}
	}
}

// TestLongestAge: an item with the longest age that a time.Duration holds has not expired.
func TestLongestAge(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		cache := open(t, db, nil)
		if err := cache.Add(t.Context(), "key", cachestore.Item{Value: "text"}, math.MaxInt64); err != nil {
			t.Fatal(err)
		}
		if _, err := cache.Get(t.Context(), "key"); err != nil {
			t.Error(err)
		}
	})
}
