package dbstore_test

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
)

// valuer is a type of a site's own that the driver asks for its value.
type valuer struct {
	value driver.Value
	err   error
}

func (v valuer) Value() (driver.Value, error) { return v.value, v.err }

// TestExtraColumnsTimes: whatever holds a time is written as the time itself.
func TestExtraColumnsTimes(t *testing.T) {
	at := time.Date(2026, 7, 1, 12, 0, 0, 5000, time.FixedZone("", 7200))
	again := new(at)
	for name, value := range map[string]any{
		"*time.Time": &at, "**time.Time": &again, "sql.NullTime": sql.NullTime{Time: at, Valid: true}, "*sql.NullTime": &sql.NullTime{Time: at, Valid: true},
		"sql.Null": sql.Null[time.Time]{V: at, Valid: true}, "driver.Valuer": valuer{value: at}, "OnCreate": dbstore.OnCreate(&at),
		"OnCreate twice": dbstore.OnCreate(dbstore.OnCreate(sql.NullTime{Time: at, Valid: true})),
	} {
		t.Run(name, func(t *testing.T) {
			everywhere(t, func(t *testing.T, db *sqlx.DB) {
				kind := map[string]string{"sqlite": "datetime", "pgx": "timestamptz", "mysql": "datetime(6)"}[db.DriverName()]
				db.MustExec("ALTER TABLE django_session ADD COLUMN plain " + kind)
				db.MustExec("ALTER TABLE django_session ADD COLUMN odd " + kind)
				set := settings()
				set.TimeZone = "America/Chicago"
				for _, utc := range []bool{true, false} {
					set.UseTZ = &utc
					ss, err := django.New(set, dbstore.New(db, extra(map[string]any{"plain": dbstore.OnCreate(at), "odd": value})))
					if err != nil {
						t.Fatal(err)
					}
					s := saved(t, ss)
					if n := count(t, db, "SELECT COUNT(*) FROM django_session WHERE plain = odd"); n != 1 {
						t.Errorf("USE_TZ %t: not written as a time.Time is", utc)
					}
					if err := s.Flush(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
			})
		})
	}
}

// TestExtraColumnsNoTimes: a time that is not there is NULL, and a value's own error fails the save.
func TestExtraColumnsNoTimes(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		kind := map[string]string{"sqlite": "datetime", "pgx": "timestamptz", "mysql": "datetime(6)"}[db.DriverName()]
		db.MustExec("ALTER TABLE django_session ADD COLUMN odd " + kind)
		for _, value := range []any{(*time.Time)(nil), sql.NullTime{}, sql.Null[time.Time]{}, valuer{}, dbstore.OnCreate(dbstore.OnCreate(nil))} {
			s := saved(t, newSessions(t, db, extra(map[string]any{"odd": value})))
			if n := count(t, db, "SELECT COUNT(*) FROM django_session WHERE odd IS NULL"); n != 1 {
				t.Errorf("%T is not NULL", value)
			}
			if err := s.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		failure := errors.New("no value")
		s := newSessions(t, db, extra(map[string]any{"odd": valuer{err: failure}})).NewSession()
		set(t, s, "a", 1)
		if err := s.Save(t.Context()); !errors.Is(err, failure) || errors.Is(err, django.ErrOutcomeUnknown) {
			t.Errorf("Save: %v", err)
		}
	})
}
