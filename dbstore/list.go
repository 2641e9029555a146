package dbstore

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"unicode/utf8"

	"github.com/djsession/djsession/django"
)

// List implements django.Lister. A row that Django would not have written like that is no
// error: see [django.Listed].
//
// List reads pages of 200 rows, or as many as expire at the same moment.
func (s *Store) List(ctx context.Context, f django.Filter) iter.Seq2[django.Listed, error] {
	return func(yield func(django.Listed, error) bool) {
		if f.Key != "" && !s.Possible(f.Key) {
			return
		}
		left := f.Limit
		for l, err := range s.rows(ctx, f) {
			var row django.Listed
			if err == nil {
				row, err = s.row(ctx, l)
			}
			if err != nil {
				yield(django.Listed{}, s.fail("list", err))
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

// Count implements django.Lister.
func (s *Store) Count(ctx context.Context, f django.Filter) (n int64, err error) {
	where, args := s.where(f)
	err = s.db.Row(ctx, s.db.Dialect.Bind("SELECT COUNT(*)"+where), args, &n)
	return n, s.fail("count", err)
}

// where returns the end of a query for the rows that a filter selects.
func (s *Store) where(f django.Filter) (string, []any) {
	compare := ">"
	if f.Expired {
		compare = "<="
	}
	where, args := " FROM "+s.q.table+" WHERE expire_date "+compare+" ?", []any{s.clock.Param(f.Now)}
	if f.Key != "" {
		where, args = where+" AND session_key = ?", append(args, f.Key)
	}
	return where, args
}

// row returns what can be read of the columns. It fails only if ctx ends.
func (s *Store) row(ctx context.Context, l listed) (django.Listed, error) {
	key, keyErr := columnText("session_key", l.key)
	data, dataErr := columnText("session_data", l.data)
	rec, err := s.codec.Record(ctx, key, data)
	if err != nil {
		return django.Listed{}, err
	}
	expires, dateErr := s.clock.Parse("expire_date", l.expires)
	return django.Listed{Record: rec, Size: len(data), Expires: expires, Malformed: errors.Join(keyErr, dataErr, dateErr)}, nil
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
