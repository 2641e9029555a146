package dbstore

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"iter"
	"slices"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/sqldb"
)

// pageRows is how many rows List reads at once.
const pageRows = 200

// listed is a row as the database has it.
type listed struct {
	key, data, expires any
	date               any // expires as the database compares it
	group              int // numbers the dates of a page
}

// rows iterates over the rows that a filter selects. It reads pages by date, which an index
// serves, and sorts the rows of one date by key. A page ends between two dates; one with a
// single date is read again, twice as large.
func (s *Store) rows(ctx context.Context, f django.Filter) iter.Seq2[listed, error] {
	return func(yield func(listed, error) bool) {
		size := pageRows
		if f.Limit > 0 {
			size = min(f.Limit+1, pageRows)
		}
		for until := any(nil); ; {
			page, err := s.page(ctx, f, until, size)
			if err != nil {
				yield(listed{}, err)
				return
			}
			last := len(page) < size
			if !last {
				next := page[len(page)-1]
				end := slices.IndexFunc(page, func(l listed) bool { return l.group == next.group })
				if end == 0 {
					size *= 2
					continue
				}
				page, until = page[:end], next.date
			}
			slices.SortStableFunc(page, func(a, b listed) int {
				x, _ := columnText("", a.key)
				y, _ := columnText("", b.key)
				return cmp.Or(cmp.Compare(a.group, b.group), cmp.Compare(x, y))
			})
			for _, l := range page {
				if !yield(l, nil) {
					return
				}
			}
			if last {
				return
			}
			size = pageRows
		}
	}
}

// page reads the rows that a filter selects, until a date unless that is nil.
func (s *Store) page(ctx context.Context, f django.Filter, until any, limit int) (page []listed, err error) {
	// As text, so that no driver makes a time of it in a zone of its own.
	expires, date := "CAST(expire_date AS CHAR)", "CAST(expire_date AS CHAR)"
	switch s.db.Dialect {
	case sqldb.SQLite:
		expires = "CAST(expire_date AS TEXT)"
		date = "+expire_date" // as it is: drivers convert by a column's declared type, and this has none
	case sqldb.PostgreSQL:
		expires = "CASE WHEN isfinite(expire_date) THEN expire_date END" // drivers have no infinity
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
	query := "SELECT session_key, session_data, " + expires + ", " + date + " AS compared" + where + " ORDER BY expire_date DESC LIMIT ?"
	err = s.db.Read(ctx, s.db.Dialect.Bind(query), append(args, limit), func(rows *sql.Rows) error {
		page = nil
		group, before := 0, ""
		for rows.Next() {
			var l listed
			if err := rows.Scan(&l.key, &l.data, &l.expires, &l.date); err != nil {
				return err
			}
			if date := fmt.Sprintf("%T %v", l.date, l.date); date != before {
				group, before = group+1, date
			}
			l.group = group
			page = append(page, l)
		}
		return nil
	})
	return page, err
}
