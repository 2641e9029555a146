package dbstore

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/djsession/djsession/django"
)

// A Row is a session as List finds it.
type Row struct {
	django.Record
	Expires time.Time // UTC
	Size    int       // of session_data, in bytes
}

// Filter selects what List lists.
type Filter struct {
	Key     string    // this one only, unless empty
	Expired bool      // those that have expired at Now, instead of those that have not
	Now     time.Time // when to judge what has expired
	Limit   int       // at the most so many; 0 is all
}

// List iterates over sessions, those that expire last first. Each is read as it
// is asked for; an error ends the iteration. A loop that uses the database needs
// a second connection, unless it collects the rows first.
func (s *Store) List(ctx context.Context, f Filter) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		if f.Key != "" && !possible(f.Key) {
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
			var key, text string
			var expires any
			err := rows.Scan(&key, &text, &expires)
			row := Row{Size: len(text)}
			if err == nil {
				row.Expires, err = s.clock.Parse("expire_date", expires)
			}
			if err != nil {
				yield(Row{}, s.fail("list", err, key, text))
				return
			}
			if f.Key != "" && key != f.Key {
				continue // MySQL finds a key in another case, too
			}
			if row.Record, err = s.record(ctx, key, text); err != nil {
				yield(Row{}, s.fail("list", err, key))
				return
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

func (s *Store) listQuery(f Filter) (string, []any) {
	// As text, so that no driver makes a time of it in a zone of its own.
	column := "expire_date"
	switch s.db.Dialect {
	case MySQL:
		column = "CAST(expire_date AS CHAR)"
	case SQLite:
		column = "CAST(expire_date AS TEXT)"
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
