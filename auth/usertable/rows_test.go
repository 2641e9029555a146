package usertable_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"slices"
	"testing"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/dbstore"
)

// script is a database that answers one query after the other from a list.
type script struct{ answers []*answer }

// answer is a result that ends with an error, or with io.EOF as it should.
type answer struct {
	rows [][]driver.Value
	end  error
}

func (s *script) Connect(context.Context) (driver.Conn, error) { return s, nil }
func (s *script) Driver() driver.Driver                        { return nil }
func (s *script) Prepare(string) (driver.Stmt, error)          { return s, nil }
func (s *script) Begin() (driver.Tx, error)                    { return nil, errors.ErrUnsupported }
func (s *script) Close() error                                 { return nil }

func (s *script) NumInput() int                              { return -1 }
func (s *script) Exec([]driver.Value) (driver.Result, error) { return nil, errors.ErrUnsupported }

func (s *script) Query([]driver.Value) (driver.Rows, error) {
	if len(s.answers) == 0 {
		return nil, errors.New("one query too many")
	}
	first := s.answers[0]
	s.answers = s.answers[1:]
	return first, nil
}

func (a *answer) Columns() []string {
	if len(a.rows) == 0 {
		return make([]string, len(annRow))
	}
	return make([]string, len(a.rows[0]))
}

func (a *answer) Close() error { return nil }

func (a *answer) Next(into []driver.Value) error {
	if len(a.rows) == 0 {
		return a.end
	}
	copy(into, a.rows[0])
	a.rows = a.rows[1:]
	return nil
}

// busy is what SQLite's driver says of a database that another program locked.
type busy struct{}

func (busy) Error() string { return "database is locked" }
func (busy) Code() int     { return 5 }

var annRow = []driver.Value{"1", "ann", ann.Password, true, true, true, "2026-01-02 03:04:05", ann.Email, ann.FirstName, ann.LastName}

func scripted(t *testing.T, answers ...*answer) *usertable.Table {
	t.Helper()
	db := sqlx.NewDb(sql.OpenDB(&script{answers}), "sqlite")
	t.Cleanup(func() { db.Close() })
	return open(t, db)
}

// TestConnectionDiesInResult: what came until then is not the answer.
func TestConnectionDiesInResult(t *testing.T) {
	died := io.ErrUnexpectedEOF
	for name, a := range map[string]answer{
		"before the first row": {nil, died},
		"after it":             {[][]driver.Value{annRow}, died},
	} {
		// A query is asked again as long as the connections that were kept may be dead.
		_, err := scripted(t, &a, &a, &a, &a).ByUsername(t.Context(), "ann")
		var e *dbstore.Error
		if !errors.Is(err, died) || !errors.As(err, &e) || e.Kind != dbstore.KindOther || errors.Is(err, auth.ErrNoUser) {
			t.Errorf("ByUsername, %s: %v", name, err)
		}
	}
	for name, rows := range map[string][][]driver.Value{"before the first row": nil, "after it": {{"shop", "add_order"}}} {
		a := &answer{rows, died}
		if all, err := scripted(t, a, a, a, a).Permissions(t.Context(), "1"); !errors.Is(err, died) || all != nil {
			t.Errorf("Permissions, %s: %q, %v", name, all, err)
		}
	}
}

// TestRepeatedQuery: what came before the query was repeated does not count.
func TestRepeatedQuery(t *testing.T) {
	users := scripted(t, &answer{[][]driver.Value{{"shop", "stale"}, {"shop", "add_order"}}, busy{}}, &answer{[][]driver.Value{{"shop", "add_order"}}, io.EOF})
	if all, err := users.Permissions(t.Context(), "1"); err != nil || !slices.Equal(all, []string{"shop.add_order"}) {
		t.Errorf("Permissions: %q, %v", all, err)
	}
	users = scripted(t, &answer{[][]driver.Value{annRow}, busy{}}, &answer{[][]driver.Value{annRow}, io.EOF})
	u, err := users.ByUsername(t.Context(), "ann")
	if err != nil {
		t.Fatal(err)
	}
	same(t, u, ann)
	users = scripted(t, &answer{[][]driver.Value{annRow}, busy{}}, &answer{nil, io.EOF})
	if u, err := users.ByUsername(t.Context(), "ann"); !errors.Is(err, auth.ErrNoUser) {
		t.Errorf("ByUsername of one who is gone: %v, %v", u, err)
	}
}
