package dbstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/signing"
)

// sampleRows is how many sessions each of Check's samples has.
const sampleRows = 20

// Check implements django.Checker: it reads the sessions that expire last, and the last of those
// that expire within SESSION_COOKIE_AGE after now, which are the newest ones unless they have
// an expiry of their own. An error says that the database cannot be reached, that the table
// or one of the columns that Django's session model and the options need is missing, that the
// table has keys which are not possible (see [Store.Possible]), that MySQL's connections are
// not in autocommit mode, or, wrapping django.ErrCorrupt or django.ErrUnreadable, that not one of these
// sessions can be read with the settings. It writes nothing.
func (s *Store) Check(ctx context.Context, now time.Time) error {
	if err := s.checkAutocommit(ctx); err != nil {
		return err
	}
	found, err := s.sample(ctx, s.q.newest, s.clock.Param(now), sampleRows)
	if err != nil {
		return s.fail("check", err)
	}
	// A minute more, for a site whose clock is ahead. No date is after the year 9999.
	age := min(s.codec.Settings().SessionCookieAge, 1<<40)
	if latest := time.Unix(now.Unix()+age, 0).Add(time.Minute); latest.Year() < 9999 {
		recent, err := s.sample(ctx, s.q.recent, s.clock.Param(now), s.clock.Param(latest), sampleRows)
		if err != nil {
			return s.fail("check", err)
		}
		found.add(recent)
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
	return fmt.Errorf("dbstore: check: table %q: the newest sessions cannot be read: compare %s: %w",
		s.opts.table, differing(found.unreadable), found.unreadable)
}

// checkAutocommit returns an error if MySQL would keep nothing of what this store writes.
func (s *Store) checkAutocommit(ctx context.Context) error {
	if s.db.Dialect != MySQL || s.db.InTx {
		return nil
	}
	var on bool
	switch err := s.db.Row(ctx, "SELECT @@autocommit", nil, &on); {
	case err != nil:
		return s.fail("check", err)
	case !on:
		return errors.New("dbstore: check: autocommit is off on the database's connections, so that nothing that is written is kept: remove autocommit=0 from the DSN, or set autocommit=1 there if the server turns it off")
	}
	return nil
}

// sample is what is known of some rows.
type sample struct {
	readable   bool  // one of them is
	unreadable error // of another
	longest    int   // length of the keys that are not possible but of at least 8 characters, of readable rows
}

// add adds what is known of further rows.
func (f *sample) add(other sample) {
	f.readable = f.readable || other.readable
	// A good signature says more.
	if f.unreadable == nil || errors.Is(other.unreadable, django.ErrUnreadable) {
		f.unreadable = other.unreadable
	}
	f.longest = max(f.longest, other.longest)
}

// sample runs q.newest or q.recent.
func (s *Store) sample(ctx context.Context, query string, args ...any) (found sample, err error) {
	err = s.db.Read(ctx, query, args, func(r *sql.Rows) error {
		found = sample{}
		columns, err := r.Columns()
		if err != nil {
			return err
		}
		values := make([]any, len(columns))
		into := make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		for r.Next() {
			if err := r.Scan(into...); err != nil {
				return err
			}
			found.add(s.judge(ctx, values[1], values[0]))
		}
		return nil
	})
	return found, err
}

// judge tells what is known of one row.
func (s *Store) judge(ctx context.Context, key, data any) sample {
	text, _ := columnText("session_data", data)
	_, err := s.codec.Decode(ctx, text)
	if err != nil && !errors.Is(err, signing.ErrTooLarge) { // one that is too large is well signed
		return sample{unreadable: err}
	}
	found := sample{readable: true}
	k, keyErr := columnText("session_key", key)
	// Django takes no key of fewer than 8 characters, either.
	if keyErr == nil && len(k) >= 8 && !s.Possible(k) {
		found.longest = len(k)
	}
	return found
}

// differing names the settings that may differ from the site's.
func differing(err error) string {
	if errors.Is(err, django.ErrUnreadable) {
		return "SESSION_SERIALIZER and SESSION_ENGINE with the site's settings"
	}
	return "SECRET_KEY, SECRET_KEY_FALLBACKS, SESSION_ENGINE, SessionStoreClass (the name of the class in SESSION_ENGINE), " +
		"SESSION_SERIALIZER, DjangoVersion and ReadOlderFormats with the site's settings"
}
