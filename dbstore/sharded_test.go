package dbstore_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/django/storetest"
	"github.com/djsession/djsession/internal/testenv"
	"github.com/djsession/djsession/serializer"
)

// refusing are triggers that refuse to change a key, with the errors of Vitess and of Citus.
var refusing = map[testenv.Vendor][]string{
	testenv.MySQLVendor: {"CREATE TRIGGER sharded BEFORE UPDATE ON django_session FOR EACH ROW " +
		"BEGIN IF NEW.session_key <> OLD.session_key THEN SIGNAL SQLSTATE '42000' SET MYSQL_ERRNO = 1235, " +
		"MESSAGE_TEXT = 'VT12001: unsupported: you cannot UPDATE primary vindex columns'; END IF; END"},
	testenv.PostgreSQLVendor: {
		"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.session_key <> OLD.session_key THEN " +
			"RAISE 'modifying the partition value of rows is not allowed' USING ERRCODE = '0A000'; END IF; RETURN NEW; END $$",
		"CREATE TRIGGER sharded BEFORE UPDATE ON django_session FOR EACH ROW EXECUTE FUNCTION refuse()",
	},
}

// onSharded runs a test on tables whose keys cannot be changed.
func onSharded(t *testing.T, test func(t *testing.T, d *testenv.Database)) {
	for name, vendor := range networked {
		t.Run(name, func(t *testing.T) {
			d := withTable(t, vendor)
			db := connect(t, d)
			for _, statement := range refusing[vendor] {
				db.MustExec(statement)
			}
			test(t, d)
		})
	}
}

// TestShardedByKey: what cannot be moved by UPDATE is moved by INSERT and DELETE, with the option and
// without.
func TestShardedByKey(t *testing.T) {
	onSharded(t, func(t *testing.T, d *testenv.Database) {
		db := connect(t, d)
		storetest.Run(t, func(t *testing.T) django.Store { return newSessions(t, db).Store() })
		t.Run("option", func(t *testing.T) {
			storetest.Run(t, func(t *testing.T) django.Store { return newSessions(t, db, dbstore.WithShardedByKey()).Store() })
		})
	})
}

// TestShardedInTransaction: a move in the caller's transaction is undone with it, and a move that
// lost to another writer leaves nothing in it.
func TestShardedInTransaction(t *testing.T) {
	onSharded(t, func(t *testing.T, d *testenv.Database) {
		db := connect(t, d)
		ss := newSessions(t, db)
		for _, end := range []func(*sqlx.Tx) error{(*sqlx.Tx).Rollback, (*sqlx.Tx).Commit} {
			s := saved(t, ss)
			old := s.Key()
			tx := begin(t, db, sql.LevelReadCommitted)
			mine := load(t, inside(t, ss, tx, dbstore.WithShardedByKey()), old)
			set(t, s, "other", 1)
			save(t, s)
			mine.CycleKey()
			save(t, mine)
			var n int
			if err := tx.Get(&n, "SELECT COUNT(*) FROM django_session"); n != 1 || err != nil {
				t.Errorf("%d sessions in the transaction, %v", n, err)
			}
			if err := end(tx); err != nil {
				t.Fatal(err)
			}
			all := stored(t, db)
			_, atOld := all[old]
			if want := `{"a":1,"other":1}`; len(all) != 1 || all[old]+all[mine.Key()] != want {
				t.Errorf("stored are %v", all)
			}
			if committed := !atOld; committed {
				old = mine.Key()
			}
			if err := load(t, ss, old).Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// TestShardedCutInMidCommit: the connection breaks when the move is committed, or just before. The
// save finds out which.
func TestShardedCutInMidCommit(t *testing.T) {
	onSharded(t, func(t *testing.T, d *testenv.Database) {
		n := newNetwork(t, d)
		store := newSessions(t, n.db, dbstore.WithShardedByKey()).Store()
		for _, landed := range []bool{true, false} {
			s := load(t, n.patient, having(t, n.calm, "a", 1).Key())
			old := s.Key()
			s.CycleKey()
			set(t, s, "b", 2)
			made := n.cut("COMMIT", landed, nil)
			save(t, s)
			done(t, made, "the cut")
			if all := stored(t, n.direct); len(all) != 1 || s.Key() == old || all[s.Key()] != `{"a":1,"b":2}` {
				t.Errorf("landed %t: stored are %v", landed, all)
			}
			n.empty()

			rec, err := store.Load(t.Context(), having(t, n.calm, "a", 1).Key(), time.Now())
			if err != nil {
				t.Fatal(err)
			}
			made = n.cut("COMMIT", landed, nil)
			moved := django.Write{Key: "abcdefghijklmnopqrstuvwxyz012345", Data: rec.Data, Expires: time.Now().Add(time.Hour)}
			_, err = store.Save(t.Context(), rec, moved)
			done(t, made, "the cut")
			var e *dbstore.Error
			if !errors.Is(err, django.ErrOutcomeUnknown) || !errors.As(err, &e) {
				t.Errorf("landed %t: Save: %v", landed, err)
			}
			if all := stored(t, n.direct); len(all) != 1 || (all[moved.Key] != "") != landed {
				t.Errorf("landed %t: stored are %v", landed, all)
			}
			n.empty()
		}
	})
}

// TestShardedUnknownInTransaction: on PostgreSQL an error ends the transaction, so it names the
// option; MySQL goes on.
func TestShardedUnknownInTransaction(t *testing.T) {
	onSharded(t, func(t *testing.T, d *testenv.Database) {
		db := connect(t, d)
		ss := newSessions(t, db)
		s := load(t, inside(t, ss, begin(t, db, sql.LevelReadCommitted)), saved(t, ss).Key())
		s.CycleKey()
		if err := s.Save(t.Context()); d.Vendor == testenv.MySQLVendor && err != nil ||
			d.Vendor == testenv.PostgreSQLVendor && (err == nil || !strings.Contains(err.Error(), "WithShardedByKey")) {
			t.Errorf("Save: %v", err)
		}
	})
}

// TestUnsupportedIsNotSharded: another error of the same code, a trigger's here, does not make a store
// insert and delete rows, since what ExtraColumns does not return would be lost.
func TestUnsupportedIsNotSharded(t *testing.T) {
	for name, vendor := range networked {
		t.Run(name, func(t *testing.T) {
			db := connect(t, withTable(t, vendor))
			for _, statement := range refusing[vendor] {
				statement = strings.ReplaceAll(statement, "VT12001: unsupported: you cannot UPDATE primary vindex columns", "not supported here")
				db.MustExec(strings.ReplaceAll(statement, "modifying the partition value of rows is not allowed", "not supported here"))
			}
			ss := newSessions(t, db)
			s := saved(t, ss)
			key := s.Key()
			s.CycleKey()
			if err := s.Save(t.Context()); err == nil || !strings.Contains(err.Error(), "WithShardedByKey") {
				t.Errorf("Save: %v, want an error that names WithShardedByKey", err)
			}
			if all := stored(t, db); len(all) != 1 || all[key] != `{"a":1}` || !ss.Store().Capabilities().AtomicMove {
				t.Errorf("stored are %v", all)
			}
		})
	}
}

// panicking is an extra column's value. Its conversion panics in the driver, the second time.
type panicking struct{ calls int }

func (p *panicking) Value() (driver.Value, error) {
	if p.calls++; p.calls > 1 {
		panic("no value")
	}
	return int64(1), nil
}

// TestShardedPanic: a panic in a move leaves no transaction to whoever gets the connection next.
func TestShardedPanic(t *testing.T) {
	for name, vendor := range networked {
		t.Run(name, func(t *testing.T) {
			db := connect(t, withTable(t, vendor))
			db.MustExec("ALTER TABLE django_session ADD extra integer")
			db.SetMaxOpenConns(1)
			store := newSessions(t, db, dbstore.WithShardedByKey()).Store()
			s := saved(t, newSessions(t, db))
			rec, err := store.Load(t.Context(), s.Key(), time.Now())
			if err != nil {
				t.Fatal(err)
			}
			bad := newSessions(t, db, dbstore.WithShardedByKey(), dbstore.WithExtraColumns(
				func(context.Context, *serializer.Dict) (map[string]any, error) {
					return map[string]any{"extra": new(panicking)}, nil
				})).Store()
			func() {
				defer func() {
					if recover() == nil {
						t.Error("no panic")
					}
				}()
				_, _ = bad.Save(t.Context(), rec, django.Write{Key: strings.Repeat("b", 32), Data: rec.Data, Expires: time.Now().Add(time.Hour)})
			}()
			db.MustExec("UPDATE django_session SET extra = 1")
			db.SetMaxIdleConns(0) // ends the connection, and what is open on it
			var n int
			if err := db.Get(&n, "SELECT COUNT(*) FROM django_session WHERE extra = 1"); n != 1 || err != nil {
				t.Errorf("%d rows keep what was written after the panic, %v", n, err)
			}
		})
	}
}
