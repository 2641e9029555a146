package dbstore_test

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
	"github.com/djsession/djsession/serializer"
)

// shapes are tables on which Django works and whose session_key has no unique index.
var shapes = map[string]struct {
	vendor testenv.Vendor
	table  string
}{
	"SQLite without an index":     {testenv.SQLiteVendor, `CREATE TABLE django_session (session_key varchar(40) NOT NULL, session_data text NOT NULL, expire_date datetime NOT NULL)`},
	"PostgreSQL without an index": {testenv.PostgreSQLVendor, `CREATE TABLE django_session (session_key varchar(40) NOT NULL, session_data text NOT NULL, expire_date timestamptz NOT NULL)`},
	"PostgreSQL partitioned by date": {testenv.PostgreSQLVendor, `CREATE TABLE django_session (session_key varchar(40) NOT NULL, session_data text NOT NULL, expire_date timestamptz NOT NULL, PRIMARY KEY (session_key, expire_date)) PARTITION BY RANGE (expire_date);
		CREATE TABLE past PARTITION OF django_session FOR VALUES FROM (MINVALUE) TO ('2020-01-01');
		CREATE TABLE present PARTITION OF django_session FOR VALUES FROM ('2020-01-01') TO ('2100-01-01');
		CREATE TABLE future PARTITION OF django_session DEFAULT`},
	"PostgreSQL partitioned by key": {testenv.PostgreSQLVendor, `CREATE TABLE django_session (session_key varchar(40) PRIMARY KEY, session_data text NOT NULL, expire_date timestamptz NOT NULL) PARTITION BY HASH (session_key)` + hashPartitions(16)},
	"MariaDB without an index":      {testenv.MySQLVendor, `CREATE TABLE django_session (session_key varchar(40) NOT NULL, session_data longtext NOT NULL, expire_date datetime(6) NOT NULL)`},
	"MariaDB partitioned by key": {testenv.MySQLVendor, `CREATE TABLE django_session (session_key varchar(40) PRIMARY KEY, session_data longtext NOT NULL, expire_date datetime(6) NOT NULL)
		PARTITION BY KEY (session_key) PARTITIONS 16`},
	"MariaDB partitioned by date": {testenv.MySQLVendor, `CREATE TABLE django_session (session_key varchar(40) NOT NULL, session_data longtext NOT NULL, expire_date datetime(6) NOT NULL, PRIMARY KEY (session_key, expire_date))
		PARTITION BY RANGE COLUMNS (expire_date) (PARTITION past VALUES LESS THAN ('2020-01-01'), PARTITION present VALUES LESS THAN ('2100-01-01'), PARTITION future VALUES LESS THAN (MAXVALUE))`},
}

// hashPartitions returns the statements that make n partitions by the hash of session_key.
func hashPartitions(n int) (statements string) {
	for i := range n {
		statements += fmt.Sprintf(";\nCREATE TABLE p%[1]d PARTITION OF django_session FOR VALUES WITH (MODULUS %[2]d, REMAINDER %[1]d)", i, n)
	}
	return statements
}

func TestTableShapes(t *testing.T) {
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			if strings.Contains(name, "PostgreSQL partitioned") && testenv.Instead("postgresql-10") {
				t.Skip("PostgreSQL 10 has no keys of partitioned tables")
			}
			d := servers.New(t, shape.vendor)
			execute(t, d, shape.table)
			t.Run("life", func(t *testing.T) { lives(t, connect(t, d)) })
			// With no index at all, several servers' connections can create one key at once.
			if shape.vendor == testenv.SQLiteVendor || strings.Contains(name, "partitioned") {
				t.Run("conforms", func(t *testing.T) { conforms(t, connect(t, d)) })
			}
			t.Run("in a transaction", func(t *testing.T) { takenInTransaction(t, connect(t, d)) })
		})
	}
}

// lives takes a session through its life, and tries keys that are taken.
func lives(t *testing.T, db *sqlx.DB) {
	ss := newSessions(t, db)
	s, other := saved(t, ss), saved(t, ss)
	for range 2 {
		set(t, s, "b", 1)
		if err := s.SetExpiry(100 * 365 * 24 * time.Hour); err != nil { // another partition
			t.Fatal(err)
		}
		save(t, s)
		s.ResetExpiry()
		s.CycleKey()
		save(t, s)
	}
	store := ss.Store()
	if _, err := store.Create(t.Context(), django.Write{Key: s.Key(), Data: new(serializer.Dict), Expires: time.Now().Add(time.Minute)}); !errors.Is(err, django.ErrExists) {
		t.Errorf("Create under a taken key: %v", err)
	}
	rec, err := store.Load(t.Context(), s.Key(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Save(t.Context(), rec, django.Write{Key: other.Key(), Expires: time.Now().Add(time.Minute)}); !errors.Is(err, django.ErrExists) {
		t.Errorf("Save under a taken key: %v", err)
	}
	if got := keys(load(t, ss, s.Key())); got != "a b" {
		t.Errorf("keys are %q", got)
	}
	if n := count(t, db, "SELECT COUNT(*) FROM django_session"); n != 2 {
		t.Errorf("%d sessions, want 2", n)
	}
	for _, s := range []*django.Session{s, other} {
		if err := s.Flush(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// TestTakenInTransaction: a key that is taken does not end the transaction.
func TestTakenInTransaction(t *testing.T) { everywhere(t, takenInTransaction) }

func takenInTransaction(t *testing.T, db *sqlx.DB) {
	pool := newSessions(t, db)
	taken, mine := having(t, pool, "a", 1), having(t, pool, "b", 2)
	tx := begin(t, db, sql.LevelDefault)
	store := inside(t, pool, tx).Store()
	expires := time.Now().Add(time.Hour)
	if _, err := store.Create(t.Context(), django.Write{Key: taken.Key(), Data: new(serializer.Dict), Expires: expires}); !errors.Is(err, django.ErrExists) {
		t.Errorf("Create under a taken key: %v", err)
	}
	rec, err := store.Load(t.Context(), mine.Key(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Save(t.Context(), rec, django.Write{Key: taken.Key(), Data: rec.Data, Expires: expires}); !errors.Is(err, django.ErrExists) {
		t.Errorf("Save under a taken key: %v", err)
	}
	fresh := strings.Repeat("f", 32)
	if _, err := store.Save(t.Context(), rec, django.Write{Key: fresh, Data: rec.Data, Expires: expires}); err != nil {
		t.Errorf("Save under a free key: %v", err)
	}
	other := strings.Repeat("g", 32)
	if _, err := store.Create(t.Context(), django.Write{Key: other, Data: new(serializer.Dict), Expires: expires}); err != nil {
		t.Errorf("Create under a free key: %v", err)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{taken.Key(), fresh, other} {
		load(t, pool, key)
	}
	for _, key := range []string{taken.Key(), fresh, other} {
		if err := pool.Delete(t.Context(), key); err != nil {
			t.Error(err)
		}
	}
}

// TestOtherUniqueColumnOnMove: the database's error about a column of the site's own is
// returned, not retried under other keys.
func TestOtherUniqueColumnOnMove(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		db.MustExec("ALTER TABLE django_session ADD COLUMN account integer")
		db.MustExec("CREATE UNIQUE INDEX one_account ON django_session (account)")
		saved(t, newSessions(t, db, extra(map[string]any{"account": 7})))
		ss := newSessions(t, db)
		key := saved(t, ss).Key()
		s := load(t, newSessions(t, db, extra(map[string]any{"account": 7})), key)
		s.CycleKey()
		var e *dbstore.Error
		if err := s.Save(t.Context()); !errors.As(err, &e) || errors.Is(err, django.ErrExists) {
			t.Errorf("Save: %v, want the database's error", err)
		}
		load(t, ss, key)
	})
}
