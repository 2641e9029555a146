package dbcache_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/dbcache"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// drivers are ways to connect that change how a driver returns times.
var drivers = map[string]struct {
	vendor     testenv.Vendor
	parameters string
}{
	"SQLite":                 {testenv.SQLiteVendor, "_pragma=synchronous(off)"},
	"PostgreSQL":             {testenv.PostgreSQLVendor, "timezone=Asia/Tokyo"},
	"MariaDB":                {testenv.MySQLVendor, "charset=utf8mb4"},
	"MariaDB, parsed":        {testenv.MySQLVendor, "parseTime=true"},
	"MariaDB, parsed, local": {testenv.MySQLVendor, "parseTime=true&clientFoundRows=true&interpolateParams=true&loc=" + url.QueryEscape("Asia/Tokyo")},
}

// TestClock: whatever a driver makes of the times in the table, an item expires when Django says,
// also while the clocks show an hour for the second time: there it lives until the time that is
// stored has passed.
func TestClock(t *testing.T) {
	for name, d := range drivers {
		t.Run(name, func(t *testing.T) {
			db := connect(t, servers.New(t, d.vendor), strings.Split(d.parameters, "&")...)
			db.MustExec(tables[d.vendor])
			for zone, useTZ := range map[string]bool{"America/Chicago": false, "Asia/Kolkata": false, "UTC": true} {
				set := settings()
				set.UseTZ, set.TimeZone = &useTZ, zone
				t.Run(zone, func(t *testing.T) {
					expires(t, db, set, time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC))
					expires(t, db, set, time.Date(2026, 11, 1, 7, 10, 0, 0, time.UTC)) // 01:10 in Chicago, for the second time
				})
			}
		})
	}
}

// expires stores an item at a time, and looks at it before and after it expires.
func expires(t *testing.T, db *sqlx.DB, set django.Settings, now time.Time) {
	t.Helper()
	twice := now.Month() == time.November
	opened, err := dbcache.New(db, "cache").OpenCache(django.Site{Settings: set, Now: func() time.Time { return now }}, "key")
	if err != nil {
		t.Fatal(err)
	}
	c := opened.(*dbcache.Cache)
	if err := c.Add(t.Context(), "key", item("old"), 20*time.Minute); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time nothing differs
		if _, err := c.Replace(t.Context(), "key", item("old"), item("old"), 20*time.Minute); err != nil {
			t.Errorf("Replace: %v", err)
		}
	}
	now = now.Add(19 * time.Minute)
	if got, err := c.Get(t.Context(), "key"); got != item("old") || err != nil {
		t.Errorf("%v: Get: %v, %v", now, got, err)
	}
	for at, err := range c.Scan(t.Context(), "key") {
		if err != nil || !twice && at.Age != time.Minute {
			t.Errorf("%v: Scan: %v, %v", now, at.Age, err)
		}
	}
	if current, err := c.Replace(t.Context(), "key", item("other"), item("new"), time.Hour); !errors.Is(err, django.ErrConflict) || current != item("old") {
		t.Errorf("%v: Replace of another item: %v, %v", now, current, err)
	}
	now = now.Add(2 * time.Minute)
	if _, err := c.Get(t.Context(), "key"); !errors.Is(err, django.ErrNotFound) {
		t.Errorf("%v: Get: %v, want ErrNotFound", now, err)
	}
	if err := c.Delete(t.Context(), "key"); err != nil {
		t.Fatal(err)
	}
}

// TestOldSnapshot: in a transaction that began before another writer changed the item, a Replace
// and a Remove return what is stored now.
func TestOldSnapshot(t *testing.T) {
	for _, stored := range []cachestore.Item{item("changed"), {}} {
		db := connect(t, servers.New(t, testenv.MySQLVendor))
		db.MustExec(tables[testenv.MySQLVendor])
		now := time.Now().Truncate(time.Second)
		direct := open(t, db, &now)
		if err := direct.Add(t.Context(), "key", item("old"), time.Hour); err != nil {
			t.Fatal(err)
		}
		tx := db.MustBegin()
		defer func() { _ = tx.Rollback() }()
		c := open(t, tx, &now)
		if got, err := c.Get(t.Context(), "key"); got != item("old") || err != nil {
			t.Fatalf("Get: %v, %v", got, err)
		}
		change := func() error { _, err := direct.Replace(t.Context(), "key", item("old"), stored, time.Hour); return err }
		want := django.ErrConflict
		if stored == (cachestore.Item{}) {
			change, want = func() error { return direct.Delete(t.Context(), "key") }, django.ErrNotFound
		}
		if err := change(); err != nil {
			t.Fatal(err)
		}
		for name, write := range map[string]func() (cachestore.Item, error){
			"Replace": func() (cachestore.Item, error) {
				return c.Replace(t.Context(), "key", item("old"), item("new"), time.Hour)
			},
			"Replace by same": func() (cachestore.Item, error) {
				return c.Replace(t.Context(), "key", item("old"), item("old"), time.Hour)
			},
			"Remove": func() (cachestore.Item, error) { return c.Remove(t.Context(), "key", item("old")) },
		} {
			current, err := write()
			var e *dbstore.Error
			if testenv.Instead("mariadb-11") && errors.As(err, &e) && e.Kind == dbstore.KindTransient {
				continue // it refuses the write, and the transaction begins again
			}
			if !errors.Is(err, want) || current != stored {
				t.Errorf("%s: %v, %v, want %v, %v", name, current, err, stored, want)
			}
		}
	}
}
