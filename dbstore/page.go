package dbstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/sqldb"
)

// raw is a row of a page. It is decoded when the loop comes to it: the data of a whole
// page may be large.
type raw struct {
	key, data, expires any
	date               any // expire_date as the database compares it
	run                int // numbers the dates of the page
}

// page reads the rows that a filter selects, until a date unless that is nil.
func (s *Store) page(ctx context.Context, f django.Filter, until any, limit int) (page []raw, err error) {
	date := "CAST(expire_date AS CHAR)"
	switch s.db.Dialect {
	case sqldb.SQLite:
		date = "+expire_date" // as it is: drivers convert by a column's declared type, and this has none
	case sqldb.PostgreSQL:
		date = "CAST(expire_date AS text)"
	}
	where, args := s.where(f)
	if until != nil {
		if b, ok := until.([]byte); ok && s.db.Dialect != sqldb.SQLite { // where bytes are a type of their own
			until = string(b)
		}
		where, args = where+" AND expire_date <= ?", append(args, until)
	}
	// PostgreSQL would order by a result that has the name of the column.
	query := "SELECT session_key, session_data, " + s.db.Dialect.Time("expire_date") + ", " + date + " AS compared" + where + " ORDER BY expire_date DESC LIMIT ?"
	err = s.db.Read(ctx, s.db.Dialect.Bind(query), append(args, limit), func(rows *sql.Rows) error {
		page = nil
		run, before := 0, ""
		for rows.Next() {
			var r raw
			if err := rows.Scan(&r.key, &r.data, &r.expires, &r.date); err != nil {
				return err
			}
			if now := fmt.Sprintf("%T %v", r.date, r.date); now != before {
				run, before = run+1, now
			}
			r.run = run
			page = append(page, r)
		}
		return nil
	})
	return page, err
}

// row returns what can be read of the columns. It fails only if ctx ends.
func (s *Store) row(ctx context.Context, r raw) (django.Listed, error) {
	k, keyErr := columnText("session_key", r.key)
	text, dataErr := columnText("session_data", r.data)
	rec, err := s.codec.Record(ctx, k, text)
	if err != nil {
		return django.Listed{}, err
	}
	date, dateErr := s.clock.Parse("expire_date", r.expires)
	return django.Listed{Record: rec, Size: len(text), Expires: date, Malformed: errors.Join(keyErr, dataErr, dateErr)}, nil
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
