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

// newestRows is how many sessions Check looks at.
const newestRows = 20

// Check implements django.Checker: it reads the newest sessions that expire after now. An
// error says that the database cannot be reached, that the table or one of the columns that
// Django's session model and the options need is missing, or, wrapping django.ErrCorrupt or
// django.ErrUnreadable, that not one of these sessions can be read with the settings. It
// writes nothing.
func (s *Store) Check(ctx context.Context, now time.Time) error {
	var rows int
	var unreadable error
	err := s.db.Read(ctx, s.q.newest, []any{s.clock.Param(now), newestRows}, func(r *sql.Rows) error {
		rows, unreadable = 0, nil
		columns, err := r.Columns()
		if err != nil {
			return err
		}
		values := make([]any, len(columns))
		into := make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		for readable := false; r.Next(); rows++ {
			if readable {
				continue
			}
			if err := r.Scan(into...); err != nil {
				return err
			}
			text, _ := columnText("session_data", values[0])
			_, err := s.codec.Decode(text)
			// One that is too large is well signed.
			switch readable = err == nil || errors.Is(err, signing.ErrTooLarge); {
			case readable:
				unreadable = nil
			case unreadable == nil, errors.Is(err, django.ErrUnreadable):
				unreadable = err // the latter has a good signature, which says more
			}
		}
		return nil
	})
	switch {
	case err != nil:
		return s.fail("check", err)
	case unreadable == nil:
		return nil
	}
	return fmt.Errorf("dbstore: check: table %q: the newest %d sessions cannot be read: compare %s: %w",
		s.opts.table, rows, differing(unreadable), unreadable)
}

// differing names the settings that may differ from the site's.
func differing(err error) string {
	if errors.Is(err, django.ErrUnreadable) {
		return "SESSION_SERIALIZER and SESSION_ENGINE with the site's settings"
	}
	return "SECRET_KEY, SECRET_KEY_FALLBACKS, SESSION_ENGINE, SessionStoreClass (the name of the class in SESSION_ENGINE), " +
		"SESSION_SERIALIZER, DjangoVersion and ReadOlderFormats with the site's settings"
}
