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

// List iterates over sessions, those that expire last first. A row that Django would not
// have written like that is no error: see [django.Listed]. An error ends the iteration.
//
// The rows are read in pages and no query is open while the loop's body runs, however long it
// takes and whatever it asks of the database. So a session that is saved in the meantime,
// which changes its expiry, may be missed or listed twice.
func (s *Store) List(ctx context.Context, f django.Filter) iter.Seq2[django.Listed, error] {
	return func(yield func(django.Listed, error) bool) {
		if f.Key != "" && !s.Possible(f.Key) {
			return
		}
		p := newPager(f)
		for listed := 0; ; {
			rows, err := p.next(ctx, s)
			if err != nil {
				yield(django.Listed{}, s.fail("list", err, f.Key))
				return
			}
			for _, r := range rows {
				row, err := s.row(ctx, r.key, r.data, r.expires)
				if err != nil {
					yield(django.Listed{}, s.fail("list", err))
					return
				}
				if f.Key != "" && row.Key != f.Key {
					continue // MySQL finds a key in another case, too
				}
				if !yield(row, nil) {
					return
				}
				if listed++; listed == f.Limit {
					return
				}
			}
			if p.done {
				return
			}
		}
	}
}

// row returns what can be read of the columns. It fails only if ctx ends first.
func (s *Store) row(ctx context.Context, key, text, expires any) (django.Listed, error) {
	k, keyErr := columnText("session_key", key)
	data, dataErr := columnText("session_data", text)
	rec, err := s.codec.Record(ctx, k, data)
	if err != nil {
		return django.Listed{}, err
	}
	row := django.Listed{Record: rec, Size: len(data)}
	var dateErr error
	if row.Expires, dateErr = s.clock.Parse("expire_date", expires); dateErr != nil {
		row.Expires = time.Time{}
	}
	row.Malformed = errors.Join(keyErr, dataErr, dateErr)
	return row, nil
}

// columnText returns what is in a column of text. On SQLite that may be anything.
func columnText(name string, column any) (string, error) {
	text := ""
	switch v := column.(type) {
	case string:
		text = v
	case []byte: // which is how MySQL's driver returns a text
		text = string(v)
	case nil:
		return "", fmt.Errorf("%s is NULL", name)
	default:
		return fmt.Sprint(v), fmt.Errorf("%s is a %T, not a text", name, v)
	}
	if !utf8.ValidString(text) {
		return text, fmt.Errorf("%s is not valid UTF-8", name)
	}
	return text, nil
}
