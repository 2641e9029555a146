package usertable_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
)

// TestJoinOddSessions: a key in another case, and data that cannot be read, with one statement.
func TestJoinOddSessions(t *testing.T) {
	joinedEverywhere(t, func(t *testing.T, db *sqlx.DB, set django.Settings) {
		s := newJoinSite(t, db, set, usertable.WithJoin())
		key := s.login(t, "1")
		upper := strings.ToUpper(key)
		s.costs(t, "not known yet", key, ann, 2)
		s.costs(t, "known", key, ann, 1)
		s.costs(t, "key in another case", upper, auth.User{}, 1)
		db.MustExec("UPDATE django_session SET session_data = 'garbage'")
		for range 2 {
			if _, n, err := s.user(key); !errors.Is(err, django.ErrCorrupt) || n != 1 {
				t.Errorf("%d statements, %v", n, err)
			}
		}
	})
}

// TestJoinSessionModel: a session model of the site's own, whose table and columns have the names
// that the users' have.
func TestJoinSessionModel(t *testing.T) {
	joinedEverywhere(t, func(t *testing.T, db *sqlx.DB, set django.Settings) {
		quote := map[bool]string{true: "`", false: `"`}[db.DriverName() == "mysql"]
		quoted := func(name string) string { return quote + name + quote }
		db.MustExec("ALTER TABLE django_session ADD COLUMN password varchar(20) DEFAULT 'no'")
		db.MustExec("ALTER TABLE django_session ADD COLUMN is_active integer DEFAULT 0")
		db.MustExec("ALTER TABLE django_session ADD COLUMN id integer DEFAULT 22")
		db.MustExec("ALTER TABLE django_session RENAME TO " + quoted("u"))
		db.MustExec("ALTER TABLE auth_user RENAME TO " + quoted("s"))
		s, dialect := newJoinSite(t, db, set), dialects[db.DriverName()]
		var err error
		if s.sessions, err = django.New(set, dbstore.New(s.db, dbstore.WithTable("u"), dbstore.WithDialect(dialect))); err != nil {
			t.Fatal(err)
		}
		if s.users, err = usertable.Open(s.db, s.sessions, usertable.WithTable("s"), usertable.WithDialect(dialect), usertable.WithJoin()); err != nil {
			t.Fatal(err)
		}
		if s.logins, err = auth.New(s.sessions, s.users); err != nil {
			t.Fatal(err)
		}
		key := s.login(t, "1")
		s.costs(t, "not known yet", key, ann, 2)
		s.costs(t, "known", key, ann, 1)
	})
}
