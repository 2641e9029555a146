package dbstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/sqldb"
	"github.com/djsession/djsession/signing"
)

// sampleRows is how many sessions each of Check's samples has.
const sampleRows = 20

// Check implements django.Checker. It reads the sessions that expire last and, of those that
// expire within SESSION_COOKIE_AGE, the last: the newest, unless they have an expiry of their
// own. It returns an error if the database cannot be reached, the table or a column of the
// session model is missing, the table has keys that the store does not find (see
// [Store.Possible]), or autocommit is off on MySQL. An error that wraps django.ErrCorrupt or
// django.ErrUnreadable says that the settings can read none of these sessions. It writes
// nothing.
func (s *Store) Check(ctx context.Context, now time.Time) error {
	if err := s.checkAutocommit(ctx); err != nil {
		return err
	}
	found := sample{}
	if err := s.read(ctx, &found, s.q.newest, s.clock.Param(now), sampleRows); err != nil {
		return s.fail("check", err)
	}
	// A minute more, for a site whose clock is ahead. No date is after the year 9999.
	age := min(s.codec.Settings().SessionCookieAge, 1<<40)
	if latest := time.Unix(now.Unix()+age, 0).Add(time.Minute); latest.Year() < 9999 {
		if err := s.read(ctx, &found, s.q.recent, s.clock.Param(now), s.clock.Param(latest), sampleRows); err != nil {
			return s.fail("check", err)
		}
	}
	switch {
	case found.readable && found.longest > s.opts.keyLength:
		return fmt.Errorf("dbstore: check: table %q has session keys of %d characters, more than the %d of WithKeyLength, and their sessions would count as absent: pass the length of the column session_key to WithKeyLength",
			s.opts.table, found.longest, s.opts.keyLength)
	case found.readable && found.longest > 0:
		return fmt.Errorf("dbstore: check: table %q has session keys with characters other than A-Z, a-z, 0-9, - and _: this package does not find their sessions", s.opts.table)
	case found.readable || found.unreadable == nil:
		return nil
	}
	compare := "SECRET_KEY, SECRET_KEY_FALLBACKS, SESSION_ENGINE, SessionStoreClass (the name of the class in SESSION_ENGINE), SESSION_SERIALIZER, DjangoVersion and ReadOlderFormats"
	if errors.Is(found.unreadable, django.ErrUnreadable) {
		compare = "SESSION_SERIALIZER and SESSION_ENGINE"
	}
	return fmt.Errorf("dbstore: check: table %q: the newest sessions cannot be read: compare %s with the site's settings: %w", s.opts.table, compare, found.unreadable)
}

// checkAutocommit returns an error if MySQL would keep nothing of what this store writes.
func (s *Store) checkAutocommit(ctx context.Context) error {
	if s.db.Dialect != sqldb.MySQL || s.db.InTx {
		return nil
	}
	var on bool
	if err := s.db.Row(ctx, "SELECT @@autocommit", nil, &on); err != nil {
		return s.fail("check", err)
	}
	if !on {
		return errors.New("dbstore: check: autocommit is off on the database's connections, so nothing that is written is kept: remove autocommit=0 from the DSN, or set autocommit=1 there if the server turns it off")
	}
	return nil
}

// sample is what is known of some rows.
type sample struct {
	readable   bool  // at least one is
	unreadable error // of another; an ErrUnreadable, if there is one, since its signature is good
	longest    int   // length of the readable rows' keys that are not possible
}

// read adds the rows that q.newest or q.recent finds to a sample.
func (s *Store) read(ctx context.Context, found *sample, query string, args ...any) error {
	before := *found
	return s.db.Read(ctx, query, args, func(r *sql.Rows) error {
		*found = before
		var data, key any
		into := []any{&data, &key}
		for range s.model.columns {
			into = append(into, new(any))
		}
		for r.Next() {
			if err := r.Scan(into...); err != nil {
				return err
			}
			s.judge(ctx, found, data, key)
		}
		return nil
	})
}

// judge adds a row to a sample.
func (s *Store) judge(ctx context.Context, found *sample, data, key any) {
	text, _ := columnText("session_data", data)
	_, err := s.codec.Decode(ctx, text)
	if err != nil && !errors.Is(err, signing.ErrTooLarge) { // which is well signed
		if found.unreadable == nil || errors.Is(err, django.ErrUnreadable) {
			found.unreadable = err
		}
		return
	}
	found.readable = true
	// Django does not accept keys of fewer than 8 characters either.
	if k, err := columnText("session_key", key); err == nil && len(k) >= 8 && !s.Possible(k) {
		found.longest = max(found.longest, len(k))
	}
}
