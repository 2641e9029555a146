package dbstore

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"
	"unicode/utf8"

	"github.com/djsession/djsession/django"
)

// A Row is a session as List finds it.
type Row struct {
	django.Record
	Expires time.Time // in UTC; zero if expire_date is not a time
	Size    int       // of session_data, in bytes
	// Malformed says which column does not hold what Django writes there. Such a row may not
	// count as live or expired when it should.
	Malformed error
}

// Filter selects what List lists.
type Filter struct {
	Key     string    // only this one, unless empty
	Expired bool      // those that have expired at Now, instead of those that have not
	Now     time.Time // decides what has expired
	Limit   int       // maximum of rows; 0 is all
}

// List iterates over sessions, those that expire last first. A row that Django would not have
// written like that is no error: see [Row]. An error ends the iteration.
//
// List reads pages of rows, and no query is open while the loop's body runs. A session that is
// saved in the meantime, which changes its expiry, may be missed or listed twice.
func (s *Store) List(ctx context.Context, f Filter) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		if f.Key != "" && !s.Possible(f.Key) {
			return
		}
		left := f.Limit
		for r, err := range s.rows(ctx, f) {
			var row Row
			if err == nil {
				row, err = s.row(ctx, r)
			}
			if err != nil {
				yield(Row{}, s.fail("list", err))
				return
			}
			if f.Key != "" && row.Key != f.Key {
				continue // MySQL finds a key in another case too
			}
			if !yield(row, nil) {
				return
			}
			if left--; left == 0 {
				return
			}
		}
	}
}

// Count returns how many sessions List would find without a limit.
func (s *Store) Count(ctx context.Context, f Filter) (n int64, err error) {
	where, args := s.where(f)
	err = s.db.Row(ctx, s.db.Dialect.Bind("SELECT COUNT(*)"+where), args, &n)
	return n, s.fail("count", err)
}

// where returns the end of a query for the rows that a filter selects.
func (s *Store) where(f Filter) (string, []any) {
	compare := ">"
	if f.Expired {
		compare = "<="
	}
	where, args := " FROM "+s.q.table+" WHERE expire_date "+compare+" ?", []any{s.clock.Param(f.Now)}
	if f.Key != "" {
		where += " AND session_key = ?"
		args = append(args, f.Key)
	}
	return where, args
}

// row returns what can be read of the columns. It fails only if ctx ends first.
func (s *Store) row(ctx context.Context, l listed) (Row, error) {
	key, keyErr := columnText("session_key", l.key)
	data, dataErr := columnText("session_data", l.data)
	rec, err := s.codec.Record(ctx, key, data)
	if err != nil {
		return Row{}, err
	}
	expires, dateErr := s.clock.Parse("expire_date", l.expires)
	return Row{Record: rec, Size: len(data), Expires: expires, Malformed: errors.Join(keyErr, dataErr, dateErr)}, nil
}

// columnText returns what is in a column of text. On SQLite that may be anything.
func columnText(name string, column any) (text string, err error) {
	switch v := column.(type) {
	case string:
		text = v
	case []byte: // how MySQL's driver returns a text
		text = string(v)
	case nil:
		return "", fmt.Errorf("%s is NULL", name)
	default:
		return fmt.Sprint(v), fmt.Errorf("%s is a %T, not a text", name, v)
	}
	if !utf8.ValidString(text) {
		err = fmt.Errorf("%s is not valid UTF-8", name)
	}
	return text, err
}
