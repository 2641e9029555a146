package main

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/djsession/djsession/internal/localtime"
	"github.com/djsession/djsession/internal/sqldb"
)

// checkExpiry compares when sessions expire with when they were signed. The difference is their
// age, unless the times are stored in another zone than the settings say.
func (d *doctor) checkExpiry(context.Context) []diagnosis {
	if !d.hasRows() {
		return inapplicable("the engine %s stores no times", d.s.engine)
	}
	var offsets []time.Duration
	for _, s := range d.stored {
		if s.data == nil || s.signed.IsZero() || s.expires.IsZero() {
			continue
		}
		age := d.set.SessionCookieAge
		if own, has := s.data.Get("_session_expiry"); has {
			if own.Decode(&age) != nil {
				continue // a date
			}
			if age == 0 {
				age = d.set.SessionCookieAge
			}
		}
		offsets = append(offsets, s.expires.Sub(d.expiryAfter(s.signed, time.Duration(age)*time.Second)))
	}
	if len(offsets) == 0 {
		return skip("no session tells when it was signed and when it ends")
	}
	slices.Sort(offsets)
	offset := offsets[len(offsets)/2]
	quarters := math.Round(offset.Minutes() / 15)
	place := d.place("use-tz")
	switch off := offset - time.Duration(quarters)*15*time.Minute; {
	case offset.Abs() < 2*time.Minute:
		return passed("sessions end when they should, by their signatures")
	case off.Abs() < time.Minute && offset.Abs() <= 14*time.Hour && d.s.sql.Dialect != sqldb.PostgreSQL:
		return failLocal("time-zone", fmt.Sprintf("sessions are stored with times that are %s off what these settings mean: the site stores them in another zone%s", hours(offset), zoneHint(offset)),
			fmt.Sprintf("set %s, %s and %s (TIME_ZONE of the entry in DATABASES) to what settings.py says", place, d.place("time-zone"), d.place("database-time-zone")))
	}
	if d.sameSettings {
		return skip("sessions live longer or shorter than SESSION_COOKIE_AGE, which is the site's: it was changed since, or the site sets an expiry that is not in the session")
	}
	return warn("cookie-age-differs", fmt.Sprintf("sessions live %s, and SESSION_COOKIE_AGE here is %s: the site has another, or sets an expiry that is not in the session", (offset+time.Duration(d.set.SessionCookieAge)*time.Second).Round(time.Second), time.Duration(d.set.SessionCookieAge)*time.Second),
		"set "+d.place("session-cookie-age")+" to the site's, in seconds")
}

// expiryAfter returns when a session ends that Django stored at an instant. Under USE_TZ = False
// Django adds the age to local time, so that a change of the clocks is not in it.
func (d *doctor) expiryAfter(stored time.Time, age time.Duration) time.Time {
	zone, err := time.LoadLocation(d.set.TimeZone)
	if err != nil || d.set.UseTZ == nil || *d.set.UseTZ {
		return stored.Add(age)
	}
	return localtime.FromWall(localtime.Wall(stored, zone).Add(age), zone)
}

// hours writes an offset such as +5:30.
func hours(d time.Duration) string {
	minutes := int(math.Round(d.Minutes()))
	sign := "+"
	if minutes < 0 {
		sign, minutes = "-", -minutes
	}
	return fmt.Sprintf("%s%d:%02d h", sign, minutes/60, minutes%60)
}

// zoneHint names a usual reason for an offset.
func zoneHint(offset time.Duration) string {
	chicago, err := time.LoadLocation("America/Chicago")
	if err != nil {
		return ""
	}
	for _, month := range []time.Month{time.January, time.July} {
		_, seconds := time.Date(2026, month, 1, 0, 0, 0, 0, chicago).Zone()
		if diff := offset - time.Duration(seconds)*time.Second; diff.Abs() < 2*time.Minute {
			return ", perhaps USE_TZ = False with America/Chicago, Django's default"
		}
	}
	return ""
}

// checkClock compares this machine's clock with the database's, and with the newest signatures.
func (d *doctor) checkClock(ctx context.Context) []diagnosis {
	const allowed = 5 * time.Second
	var problems []diagnosis
	if d.s.sql != nil && !d.isSQLite() {
		query := "SELECT EXTRACT(EPOCH FROM clock_timestamp())::float8"
		if d.s.sql.Dialect == sqldb.MySQL {
			query = "SELECT UNIX_TIMESTAMP(NOW(6)) + 0E0"
		}
		var seconds sql.NullFloat64
		before := time.Now()
		if err := d.s.sql.Row(ctx, query, nil, &seconds); err == nil {
			middle := before.Add(time.Since(before) / 2)
			theirs := time.UnixMicro(int64(seconds.Float64 * 1e6))
			problems = append(problems, clockProblem("the database's", theirs.Sub(middle), allowed)...)
		}
	}
	var newest time.Time
	for _, s := range d.stored {
		if s.data != nil && s.signed.After(newest) {
			newest = s.signed
		}
	}
	if ahead := time.Until(newest); !newest.IsZero() && ahead > allowed {
		problems = append(problems, clockProblem("that of the machine that signed the newest session", ahead, allowed)...)
	}
	return orRight(problems, "no clock is seen to differ by more than %s", allowed)
}

func clockProblem(whose string, ahead, allowed time.Duration) []diagnosis {
	if ahead.Abs() <= allowed {
		return nil
	}
	word := "ahead of"
	if ahead < 0 {
		word = "behind"
	}
	return failLocal("clock-differs", fmt.Sprintf("the clock of this machine and %s differ: the latter is %s %s this one", whose, ahead.Abs().Round(time.Second), word), "run NTP (chrony, systemd-timesyncd) on both: sessions end early or late by that much, and a login in Go can be expired for Django")
}

// backlogRows is how many expired rows are worth a warning, if they are most.
const backlogRows = 1000

// checkBacklog counts the expired rows.
func (d *doctor) checkBacklog(ctx context.Context) []diagnosis {
	if !d.hasRows() {
		return inapplicable("the engine %s has no rows", d.s.engine)
	}
	clock, err := d.clock()
	if err != nil {
		return failUnexpected(err)
	}
	table := d.s.sql.Dialect.Quote(d.s.table)
	var expired, live int64
	// Bounded, for a large table without an index.
	counting := func(condition string, n *int64) error {
		query := fmt.Sprintf("SELECT COUNT(*) FROM (SELECT 1 AS one FROM %s WHERE expire_date %s ? LIMIT 1000000) AS counted", table, condition)
		return d.s.sql.Row(ctx, d.s.sql.Dialect.Bind(query), []any{clock.Param(time.Now())}, n)
	}
	err = counting("<", &expired)
	if err == nil {
		err = counting(">=", &live)
	}
	switch {
	case err != nil && ctx.Err() != nil:
		return skip("the sessions could not be counted in %s", checkTime)
	case err != nil:
		return failUnexpected(err)
	}
	if expired > backlogRows && expired > live {
		return warn("expired-backlog", fmt.Sprintf("%d expired sessions are still in the table, and %d live ones", expired, live), "run djsession clearsessions, or manage.py clearsessions, every day")
	}
	return passed("%d expired and %d live sessions", expired, live)
}
