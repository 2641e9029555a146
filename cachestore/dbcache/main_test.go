package dbcache_test

import (
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/dbcache"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

var servers testenv.Servers

func TestMain(m *testing.M) { servers.Main(m) }

// tables are the tables that Django's createcachetable makes.
var tables = map[testenv.Vendor]string{
	testenv.SQLiteVendor:     `CREATE TABLE "cache" ("cache_key" varchar(255) NOT NULL PRIMARY KEY, "value" text NOT NULL, "expires" datetime NOT NULL)`,
	testenv.PostgreSQLVendor: `CREATE TABLE "cache" ("cache_key" varchar(255) NOT NULL PRIMARY KEY, "value" text NOT NULL, "expires" timestamp with time zone NOT NULL)`,
	testenv.MySQLVendor:      "CREATE TABLE `cache` (`cache_key` varchar(255) NOT NULL PRIMARY KEY, `value` longtext NOT NULL, `expires` datetime(6) NOT NULL)",
}

// everywhere runs a test on each database, with the table in it.
func everywhere(t *testing.T, test func(t *testing.T, db *sqlx.DB)) {
	for name, vendor := range testenv.Vendors {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := connect(t, servers.New(t, vendor))
			db.MustExec(tables[vendor])
			test(t, db)
		})
	}
}

func connect(t testing.TB, d *testenv.Database, parameters ...string) *sqlx.DB {
	t.Helper()
	return sqlx.NewDb(d.Connect(t, parameters...), d.Driver())
}

func settings() django.Settings {
	set := django.DefaultSettings()
	set.SecretKey = "the secret of these tests"
	set.SessionEngine = django.EngineCache
	set.UseTZ = new(true)
	return set
}

// open returns a cache as an engine opens it, with a clock that may be set.
func open(t testing.TB, db dbstore.DB, now *time.Time, opts ...dbcache.Option) *dbcache.Cache {
	t.Helper()
	clock := time.Now
	if now != nil {
		clock = func() time.Time { return *now }
	}
	c, err := dbcache.New(db, "cache", opts...).OpenCache(django.Site{Settings: settings(), Now: clock}, ":1:name")
	if err != nil {
		t.Fatal(err)
	}
	return c.(*dbcache.Cache)
}

// item returns an item with this text.
func item(text string) cachestore.Item { return cachestore.Item{Value: text} }
