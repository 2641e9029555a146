package dbstore_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

func begin(t testing.TB, db *sqlx.DB, level sql.IsolationLevel) *sqlx.Tx {
	t.Helper()
	tx, err := db.BeginTxx(t.Context(), &sql.TxOptions{Isolation: level})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback() })
	return tx
}

func inside(t testing.TB, ss *django.Sessions, tx *sqlx.Tx, opts ...dbstore.Option) *django.SessionStore {
	t.Helper()
	inTx, err := ss.With(dbstore.New(tx, opts...))
	if err != nil {
		t.Fatal(err)
	}
	return inTx
}

func TestTransaction(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		ss := newSessions(t, db)
		s := saved(t, ss)
		for _, c := range []struct {
			end  func(*sqlx.Tx) error
			want string
		}{{(*sqlx.Tx).Rollback, "a"}, {(*sqlx.Tx).Commit, "a order"}} {
			tx := begin(t, db, sql.LevelDefault)
			inTx := inside(t, ss, tx)
			s1 := load(t, inTx, s.Key())
			set(t, s1, "order", 7)
			save(t, s1)
			fresh := inTx.NewSession()
			save(t, fresh)
			if err := c.end(tx); err != nil {
				t.Fatal(err)
			}
			if got := keys(load(t, ss, s.Key())); got != c.want {
				t.Errorf("keys are %q, want %q", got, c.want)
			}
			_, err := ss.Load(t.Context(), fresh.Key())
			if committed := err == nil; committed != (c.want == "a order") {
				t.Errorf("the session made in the transaction: %v", err)
			}
		}
	})
}

// TestTransactionConflict: another writer is faster than a transaction that has
// loaded the session already. Either its write is merged with, or the conflict is
// returned; it is never lost, and nothing is repeated for ever.
func TestTransactionConflict(t *testing.T) {
	for _, c := range []struct {
		name   string
		vendor testenv.Vendor
		level  sql.IsolationLevel
		merges bool
	}{
		{"PostgreSQL read committed", testenv.PostgreSQLVendor, sql.LevelReadCommitted, true},
		{"PostgreSQL repeatable read", testenv.PostgreSQLVendor, sql.LevelRepeatableRead, false},
		{"PostgreSQL serializable", testenv.PostgreSQLVendor, sql.LevelSerializable, false},
		{"MariaDB read committed", testenv.MySQLVendor, sql.LevelReadCommitted, true},
		// MariaDB has innodb_snapshot_isolation on from 11.6 on.
		{"MariaDB repeatable read", testenv.MySQLVendor, sql.LevelRepeatableRead, !testenv.Instead("mariadb-11")},
		{"SQLite", testenv.SQLiteVendor, sql.LevelDefault, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := withTable(t, c.vendor)
			var parameters []string
			if c.vendor == testenv.SQLiteVendor {
				// Without it the transaction's read lock keeps every writer out.
				parameters = []string{"_pragma=journal_mode(wal)"}
			}
			db := connect(t, d, parameters...)
			ss := newSessions(t, db)
			s := saved(t, ss)

			tx := begin(t, db, c.level)
			s1 := load(t, inside(t, ss, tx), s.Key())
			set(t, s, "other", 1)
			save(t, s)
			set(t, s1, "mine", 1)
			err := s1.Save(t.Context())
			want := "a other mine"
			if c.merges {
				if err != nil {
					t.Fatal(err)
				}
				if err := tx.Commit(); err != nil {
					t.Fatal(err)
				}
			} else {
				want = "a other"
				if !errors.Is(err, django.ErrConflict) {
					t.Errorf("Save: %v, want ErrConflict", err)
				}
				if err := tx.Rollback(); err != nil {
					t.Fatal(err)
				}
			}
			if got := keys(load(t, ss, s.Key())); got != want {
				t.Errorf("keys are %q, want %q", got, want)
			}
		})
	}
}

type namedTx struct{ *sqlx.Tx }

// TestWrappedTransaction: a transaction in another type is one all the same.
func TestWrappedTransaction(t *testing.T) {
	d := withTable(t, testenv.SQLiteVendor)
	db, other := connect(t, d), connect(t, d)
	db.MustExec("PRAGMA journal_mode=WAL")
	pool := newSessions(t, other)
	s := saved(t, pool)
	tx := db.MustBegin()
	defer tx.Rollback()
	ss := newSessions(t, namedTx{tx}, dbstore.WithMaxWait(time.Hour))
	in := load(t, ss, s.Key())
	set(t, s, "b", 1)
	save(t, s)
	set(t, in, "c", 1)
	// A conflict in a transaction is not waited for.
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := in.Save(ctx); !errors.Is(err, django.ErrConflict) {
		t.Errorf("Save: %v, want ErrConflict", err)
	}
}
