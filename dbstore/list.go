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
	// Malformed says which column does not hold what Django writes there, and is nil
	// otherwise. Such a row may not count as live or expired when it should.
	Malformed error
}

// Filter selects what List lists.
type Filter struct {
	Key     string    // this one only, unless empty
	Expired bool      // those that have expired at Now, instead of those that have not
	Now     time.Time // the time that decides what has expired
	Limit   int       // the number of rows at the most; 0 is all
}

// List iterates over sessions, those that expire last first. A row that Django would not
// have written like that is no error: see [Row]. Each row is read when
// it is asked for; an error ends the iteration. A loop that uses the database needs
// a second connection, unless it collects the rows first.
func (s *Store) List(ctx context.Context, f Filter) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		if f.Key != "" && !s.possible(f.Key) {
			return
		}
		query, args := s.listQuery(f)
		rows, err := s.db.Rows(ctx, query, args...)
		if err != nil {
			yield(Row{}, s.fail("list", err, f.Key))
			return
		}
		defer rows.Close()
		for rows.Next() {
			var key, text, expires any
			if err := rows.Scan(&key, &text, &expires); err != nil {
				yield(Row{}, s.fail("list", err))
				return
			}
			row, err := s.row(ctx, key, text, expires)
			if err != nil {
				yield(Row{}, s.fail("list", err))
				return
			}
			if f.Key != "" && row.Key != f.Key {
				continue // MySQL finds a key in another case, too
			}
			if !yield(row, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(Row{}, s.fail("list", err))
		}
	}
}

// row makes the best of what is in the columns. It fails only if ctx ends first.
func (s *Store) row(ctx context.Context, key, text, expires any) (Row, error) {
	k, keyErr := columnText("session_key", key)
	data, dataErr := columnText("session_data", text)
	rec, err := s.codec.Record(ctx, k, data)
	if err != nil {
		return Row{}, err
	}
	row := Row{Record: rec, Size: len(data)}
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

func (s *Store) listQuery(f Filter) (string, []any) {
	// As text, so that no driver makes a time of it in a zone of its own.
	column := "expire_date"
	switch s.db.Dialect {
	case MySQL:
		column = "CAST(expire_date AS CHAR)"
	case SQLite:
		column = "CAST(expire_date AS TEXT)"
	case PostgreSQL: // which has infinity, and drivers have not
		column = "CASE WHEN isfinite(expire_date) THEN expire_date END"
	}
	compare := ">"
	if f.Expired {
		compare = "<="
	}
	query := fmt.Sprintf("SELECT session_key, session_data, %s FROM %s WHERE expire_date %s ?", column, s.db.Dialect.Quote(s.opts.table), compare)
	args := []any{s.clock.Param(f.Now)}
	if f.Key != "" {
		query += " AND session_key = ?"
		args = append(args, f.Key)
	}
	query += " ORDER BY expire_date DESC, session_key"
	if f.Limit > 0 {
		query += " LIMIT ?"
		args = append(args, f.Limit)
	}
	return s.db.Dialect.Bind(query), args
}
