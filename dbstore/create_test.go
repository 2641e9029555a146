package dbstore_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
	"github.com/djsession/djsession/serializer"
)

// otherWays are tables whose rows are stored by something else than a plain INSERT.
var otherWays = map[string]struct {
	vendor testenv.Vendor
	table  string
	make   []string
}{
	"PostgreSQL trigger": {testenv.PostgreSQLVendor, "django_session", []string{
		"CREATE TABLE child (CHECK (expire_date > '2000-01-01'), PRIMARY KEY (session_key)) INHERITS (django_session)",
		"CREATE FUNCTION route() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO child VALUES (NEW.*); RETURN NULL; END $$",
		"CREATE TRIGGER route BEFORE INSERT ON django_session FOR EACH ROW EXECUTE PROCEDURE route()",
	}},
	"PostgreSQL rule": {testenv.PostgreSQLVendor, "django_session", []string{
		"CREATE TABLE child (PRIMARY KEY (session_key)) INHERITS (django_session)",
		"CREATE RULE route AS ON INSERT TO django_session DO INSTEAD INSERT INTO child VALUES (NEW.*)",
	}},
	"PostgreSQL conditional rule": {testenv.PostgreSQLVendor, "django_session", []string{
		"CREATE TABLE child (PRIMARY KEY (session_key)) INHERITS (django_session)",
		"CREATE RULE route AS ON INSERT TO django_session WHERE NEW.expire_date > '2000-01-01' DO INSTEAD INSERT INTO child VALUES (NEW.*)",
	}},
	"PostgreSQL view": {testenv.PostgreSQLVendor, "sessions", []string{
		"CREATE VIEW sessions AS SELECT * FROM django_session",
	}},
	"SQLite view": {testenv.SQLiteVendor, "sessions", []string{
		"CREATE VIEW sessions AS SELECT * FROM django_session",
		`CREATE TRIGGER store INSTEAD OF INSERT ON sessions BEGIN
			INSERT INTO django_session VALUES (NEW.session_key, NEW.session_data, NEW.expire_date); END`,
	}},
}

// TestCreateOtherWays: a table that takes no ON CONFLICT, or that says of a row which it has
// stored that it has not, works as Django's own. A taken key stays what it is.
func TestCreateOtherWays(t *testing.T) {
	for name, c := range otherWays {
		t.Run(name, func(t *testing.T) {
			db := connect(t, withTable(t, c.vendor))
			for _, statement := range c.make {
				db.MustExec(statement)
			}
			ss := newSessions(t, db, dbstore.WithTable(c.table), dbstore.WithExtraColumns(func(context.Context, *serializer.Dict) (map[string]any, error) { return nil, nil }))
			check := func(want int) {
				t.Helper()
				for range 2 { // the second time, the store knows the table
					s := saved(t, ss)
					if got := keys(load(t, ss, s.Key())); got != "a" {
						t.Errorf("keys are %q", got)
					}
					_, err := ss.Store().Create(t.Context(), django.Write{Key: s.Key(), Data: new(serializer.Dict), Expires: time.Now().Add(time.Hour)})
					if !errors.Is(err, django.ErrExists) {
						t.Errorf("Create with a taken key: %v", err)
					}
				}
				if n := count(t, db, "SELECT COUNT(*) FROM django_session"); n != want {
					t.Errorf("%d sessions are stored, want %d", n, want)
				}
			}
			check(2)
			tx := begin(t, db, sql.LevelDefault)
			inTx := inside(t, ss, tx, dbstore.WithTable(c.table))
			s := inTx.NewSession()
			set(t, s, "a", 1)
			save(t, s)
			load(t, inTx, s.Key())
			if err := tx.Commit(); err != nil {
				t.Fatal(err)
			}
			check(5)
		})
	}
}

// duplicates are tables with another unique column than Django's.
var duplicates = map[testenv.Vendor]string{
	testenv.MySQLVendor: "CREATE TABLE django_session (id bigint AUTO_INCREMENT PRIMARY KEY, session_key varchar(40) NOT NULL UNIQUE, " +
		"session_data longtext NOT NULL, expire_date datetime(6) NOT NULL)",
	testenv.PostgreSQLVendor: "CREATE TABLE django_session (id bigserial PRIMARY KEY, session_key varchar(40) NOT NULL UNIQUE, " +
		"session_data text NOT NULL, expire_date timestamptz NOT NULL)",
	testenv.SQLiteVendor: "CREATE TABLE django_session (id integer PRIMARY KEY, session_key varchar(40) NOT NULL UNIQUE, " +
		"session_data text NOT NULL, expire_date datetime NOT NULL)",
}

// TestKeyNotPrimary: a taken key is one where another column is the primary key, and a
// taken value of that column is none.
func TestKeyNotPrimary(t *testing.T) {
	for vendor, table := range duplicates {
		t.Run(string(vendor), func(t *testing.T) {
			d := servers.New(t, vendor)
			execute(t, d, table)
			db := connect(t, d)
			stores := map[string]django.Store{"pool": newSessions(t, db).Store()}
			key := func(letter string) string { return strings.Repeat(letter, 32) }
			later := time.Now().Add(time.Hour)
			if _, err := stores["pool"].Create(t.Context(), django.Write{Key: key("a"), Data: new(serializer.Dict), Expires: later}); err != nil {
				t.Fatal(err)
			}
			if vendor != testenv.SQLiteVendor {
				stores["transaction"] = newSessions(t, begin(t, db, sql.LevelDefault), dbstore.WithDialect(map[testenv.Vendor]dbstore.Dialect{
					testenv.MySQLVendor: dbstore.MySQL, testenv.PostgreSQLVendor: dbstore.PostgreSQL}[vendor])).Store()
			}
			for name, store := range stores {
				other := key(name[:1])
				rec, err := store.Create(t.Context(), django.Write{Key: other, Data: new(serializer.Dict), Expires: later})
				if err != nil {
					t.Fatal(name, err)
				}
				if _, err := store.Create(t.Context(), django.Write{Key: key("a"), Data: new(serializer.Dict), Expires: later.Add(time.Hour)}); !errors.Is(err, django.ErrExists) {
					t.Errorf("%s: Create: %v", name, err)
				}
				if _, err := store.Save(t.Context(), rec, django.Write{Key: key("a"), Expires: later}); !errors.Is(err, django.ErrExists) {
					t.Errorf("%s: Save with a new key: %v", name, err)
				}
			}
			sevens := newSessions(t, db, dbstore.WithExtraColumns(func(context.Context, *serializer.Dict) (map[string]any, error) {
				return map[string]any{"id": dbstore.OnCreate(777)}, nil
			}))
			s, second := saved(t, sevens), newSessions(t, db).NewSession()
			set(t, second, "a", 1)
			save(t, second)
			var e *dbstore.Error
			_, err := sevens.Store().Create(t.Context(), django.Write{Key: key("z"), Data: new(serializer.Dict), Expires: later})
			if !errors.As(err, &e) || errors.Is(err, django.ErrExists) {
				t.Errorf("Create with an id that is taken: %v", err)
			}
			second = load(t, sevens, second.Key())
			second.CycleKey()
			if err := second.Save(t.Context()); !errors.As(err, &e) || errors.Is(err, django.ErrExists) {
				t.Errorf("Save with a new key and an id that is taken: %v", err)
			}
			load(t, sevens, s.Key())
		})
	}
}

// TestExists finds a row whatever else is in it, and no other spelling of its key.
func TestExists(t *testing.T) {
	onEach(t, func(t *testing.T, db *sqlx.DB) {
		switch db.DriverName() {
		case "mysql":
			db.MustExec("ALTER TABLE django_session MODIFY expire_date datetime(6) NULL")
		case "pgx":
			db.MustExec("ALTER TABLE django_session ALTER expire_date DROP NOT NULL")
		default:
			db.MustExec("DROP TABLE django_session")
			db.MustExec("CREATE TABLE django_session (session_key varchar(40) PRIMARY KEY, session_data text, expire_date datetime)")
		}
		ss := newSessions(t, db)
		store := ss.Store().(*dbstore.Store)
		key := saved(t, ss).Key()
		exists := func(key string, want bool) {
			t.Helper()
			if got, err := store.Exists(t.Context(), key); got != want || err != nil {
				t.Errorf("Exists: %t, %v, want %t", got, err, want)
			}
		}
		for _, date := range []any{"2130-01-01 00:00:00", "2001-01-01 00:00:00", nil} {
			db.MustExec(db.Rebind("UPDATE django_session SET expire_date = ?"), date)
			exists(key, true)
		}
		for _, other := range []string{strings.ToUpper(key), key + " ", "", "short", strings.Repeat("k", 41), strings.Repeat("k", 32)} {
			exists(other, false)
		}
		if err := ss.Delete(t.Context(), key); err != nil {
			t.Error(err)
		}
		exists(key, false)
		for key, want := range map[string]bool{key: true, "short": false, strings.Repeat("k", 40): true, strings.Repeat("k", 41): false, "with.dots.in.it": false} {
			if store.Possible(key) != want {
				t.Errorf("Possible of %d characters is %t", len(key), !want)
			}
		}
		db.Close()
		var e *dbstore.Error
		if _, err := store.Exists(t.Context(), key); !errors.As(err, &e) {
			t.Errorf("without a database: %v", err)
		}
	})
}
