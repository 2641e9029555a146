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
	dates              int // how many dates the page has before this one
}

func (l listed) sameDate(other listed) bool { return identity(l.date) == identity(other.date) }

func identity(column any) string { return fmt.Sprintf("%T %v", column, column) }

// rows iterates over the rows that a filter selects. It reads pages by date, which an index
// serves, and sorts the rows of one date by key.
func (s *Store) rows(ctx context.Context, f django.Filter) iter.Seq2[listed, error] {
	return func(yield func(listed, error) bool) {
		size := pageRows
		if f.Limit > 0 {
			size = min(f.Limit+1, pageRows)
		}
		where, args := "", []any(nil)
		for {
			page, err := s.page(ctx, f, where, args, "expire_date DESC", size)
			if err != nil {
				yield(listed{}, err)
				return
			}
			full := len(page) == size
			if full {
				// There may be more rows with the last date.
				last := page[len(page)-1]
				first := slices.IndexFunc(page, last.sameDate)
				page = page[:first]
				where, args = " AND expire_date <= ?", []any{s.compared(last.date)}
				if first == 0 {
					for l, err := range s.rowsOfDate(ctx, f, args[0]) {
						if !yield(l, err) || err != nil {
							return
						}
					}
					where = " AND expire_date < ?"
				}
			}
			for i := range page[min(1, len(page)):] {
				page[i+1].dates = page[i].dates
				if !page[i+1].sameDate(page[i]) {
					page[i+1].dates++
				}
			}
			slices.SortStableFunc(page, func(a, b listed) int {
				x, _ := columnText("", a.key)
				y, _ := columnText("", b.key)
				return cmp.Or(cmp.Compare(a.dates, b.dates), cmp.Compare(x, y))
			})
			for _, l := range page {
				if !yield(l, nil) {
					return
				}
			}
			if !full {
				return
			}
			size = pageRows
		}
	}
}

// rowsOfDate iterates over the rows with one date, of which there are many. It reads pages by
// key, each from the last key of the one before, and leaves out the rows that it has seen:
// there may be several with one key.
func (s *Store) rowsOfDate(ctx context.Context, f django.Filter, date any) iter.Seq2[listed, error] {
	return func(yield func(listed, error) bool) {
		order := "session_key"
		if s.db.Dialect == sqldb.PostgreSQL {
			order += " NULLS FIRST" // as elsewhere
		}
		var from any // the last key
		var seen map[string]int
		for size := pageRows; ; {
			where, args := " AND expire_date = ?", []any{date}
			if from != nil {
				where, args = where+" AND session_key >= ?", append(args, from)
			}
			page, err := s.page(ctx, f, where, args, order, size)
			if err != nil {
				yield(listed{}, err)
				return
			}
			fresh, now := 0, map[string]int{}
			for _, l := range page {
				id := identity(l.key) + " " + identity(l.data)
				if now[id]++; now[id] <= seen[id] {
					continue
				}
				if fresh++; !yield(l, nil) {
					return
				}
			}
			switch {
			case len(page) < size:
				return
			case fresh == 0:
				size *= 2 // rows that are equal fill the page
			default:
				size, from, seen = pageRows, s.compared(page[len(page)-1].key), now
			}
		}
	}
}

// page reads the rows that the filter and a further condition select.
func (s *Store) page(ctx context.Context, f django.Filter, and string, more []any, order string, limit int) (all []listed, err error) {
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
	// PostgreSQL would order by a result that has the name of the column.
	query := "SELECT session_key, session_data, " + expires + ", " + date + " AS compared" + where + and + " ORDER BY " + order + " LIMIT ?"
	args = append(append(args, more...), limit)
	err = s.db.Read(ctx, s.db.Dialect.Bind(query), args, func(rows *sql.Rows) error {
		all = nil
		for rows.Next() {
			var l listed
			if err := rows.Scan(&l.key, &l.data, &l.expires, &l.date); err != nil {
				return err
			}
			all = append(all, l)
		}
		return nil
	})
	return all, err
}

// compared returns what a column holds as a parameter to compare the column with.
func (s *Store) compared(column any) any {
	if b, ok := column.([]byte); ok && s.db.Dialect != sqldb.SQLite { // where bytes are a type of their own
		return string(b)
	}
	return column
}
