package usertable_test

import (
	"context"
	"strings"
	"testing"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
	"github.com/djsession/djsession/memstore"
)

// TestJoinUUID: a user model with a UUID, whatever its column is.
func TestJoinUUID(t *testing.T) {
	for _, c := range uuidColumns {
		for _, parameters := range c.parameters {
			t.Run(c.name+" "+parameters, func(t *testing.T) {
				d := withUUIDs(t, c.vendor, c.column)
				d.CreateSessionTable(t)
				db := connect(t, d, strings.Fields(parameters)...)
				s := newJoinSite(t, db, settings(), append(memberOptions, usertable.WithJoin())...)
				key := s.login(t, uuidAnn)
				want := auth.User{ID: uuidAnn, Username: "ann@example.com", Password: "hash of ann", IsActive: true, IsSuperuser: true}
				s.costs(t, "not known yet", key, want, 2)
				s.costs(t, "known", key, want, 1)
				db.MustExec("DELETE FROM accounts_member")
				s.costs(t, "gone", key, auth.User{}, 1)
			})
		}
	}
}

// TestJoinText: a user model with a text as its key, columns that the table of sessions has too,
// and further ones.
func TestJoinText(t *testing.T) {
	for name, vendor := range testenv.Vendors {
		t.Run(name, func(t *testing.T) {
			db := withSessions(t, vendor)
			db.MustExec("CREATE TABLE members (session_key varchar(100) NOT NULL PRIMARY KEY, session_data varchar(100), expire_date varchar(100), phone varchar(20))")
			long := strings.Repeat("x", 65)
			for _, id := range []string{"ann", long} {
				db.MustExec(db.Rebind("INSERT INTO members VALUES (?, ?, 'secret', '123')"), id, "name of "+id)
			}
			s := newJoinSite(t, db, settings(), usertable.WithTable("members"), usertable.WithKey(usertable.Text), usertable.WithExtraColumns("phone"),
				usertable.WithColumns(usertable.Columns{ID: "session_key", Username: "session_data", Password: "expire_date"}), usertable.WithJoin())
			for id, statements := range map[string]int{"ann": 1, long: 2} { // which is not remembered
				key := s.login(t, id)
				for _, want := range []int{2, statements} {
					u, n, err := s.user(key)
					phone, errPhone := auth.Column[string](u, "phone")
					if err != nil || errPhone != nil || n != want || u.ID != id || u.Username != "name of "+id || phone != "123" {
						t.Errorf("%.5s: %v with phone %q, %d statements, want %d; %v, %v", id, u, phone, n, want, err, errPhone)
					}
				}
			}
		})
	}
}

// TestJoinWithoutNames: once it is known that the table lacks a column, sessions are read alone.
func TestJoinWithoutNames(t *testing.T) {
	for name, vendor := range testenv.Vendors {
		t.Run(name, func(t *testing.T) {
			db := withSessions(t, vendor)
			db.MustExec("ALTER TABLE auth_user DROP COLUMN email")
			s := newJoinSite(t, db, settings(), usertable.WithJoin())
			want := ann
			want.Email = ""
			key := s.login(t, "1")
			for range 2 {
				s.costs(t, "always", key, want, 2)
			}
		})
	}
}

// hiding are users some of whom are deleted without their rows.
type hiding struct{ *usertable.Table }

func (h hiding) ByID(ctx context.Context, id string) (auth.User, error) {
	u, err := h.Table.ByID(ctx, id)
	if err == nil && u.Username == "ann" {
		return auth.User{}, auth.ErrNoUser
	}
	return u, err
}

// TestJoinWrapped: what is around a Table decides, with one statement too.
func TestJoinWrapped(t *testing.T) {
	s := newJoinSite(t, withSessions(t, testenv.SQLiteVendor), settings(), usertable.WithJoin())
	anns, bens := s.login(t, "1"), s.login(t, "22")
	var err error
	if s.logins, err = auth.New(s.sessions, hiding{s.users}); err != nil {
		t.Fatal(err)
	}
	for _, statements := range []int{2, 1} {
		s.costs(t, "hidden", anns, auth.User{}, statements)
		s.costs(t, "not hidden", bens, activeBen, statements)
	}
}

// TestJoinIsImpossible: WithJoin needs sessions and users in one database.
func TestJoinIsImpossible(t *testing.T) {
	db, other := withSessions(t, testenv.SQLiteVendor), withSessions(t, testenv.SQLiteVendor)
	tx := db.MustBegin()
	defer tx.Rollback()
	joined, err := django.New(settings(), dbstore.New(db))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := usertable.Open(db, joined, usertable.WithJoin()); err != nil {
		t.Fatal(err)
	}
	for want, c := range map[string]struct {
		engine django.Engine
		users  dbstore.DB
	}{
		"memstore":          {memstore.New(), db},
		"another database":  {dbstore.New(db), other},
		"in a transaction":  {dbstore.New(tx), tx},
		"the same *sqlx.DB": {dbstore.New(db), tx},
	} {
		ss, err := django.New(settings(), c.engine)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := usertable.Open(c.users, ss, usertable.WithJoin()); err == nil || !strings.Contains(err.Error(), "WithJoin") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	if _, err := usertable.Open(db, joined, usertable.WithJoin()); err == nil {
		t.Error("joined twice")
	}
}
