package dbstore

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/djsession/djsession/django"
)

// pageRows is how many rows List reads at once.
const pageRows = 200

// pager reads the rows of a list in pages, by date, which an index serves. Rows with the same
// date are in one page, unless they are too many: then they are read in pages by key.
type pager struct {
	filter django.Filter
	rows   int    // of the next page
	from   string // the condition of the next page on its date, "" for the first
	date   any    // the parameter of that, as the database compares it
	done   bool   // whether there are no more

	group *group // while the rows of one date are read by key
}

// group is where the pages of the rows with one date are. A page begins with the key that the
// one before it ended with, so that none of several rows with that key is lost.
type group struct {
	rows  int            // of the next page
	begun bool           // whether there was a page before
	key   any            // the last of that page
	seen  map[string]int // its rows
}

// listed is a row as the database has it.
type listed struct {
	key, data, expires any
	date               any // expires as the database compares it
}

func newPager(f django.Filter) *pager {
	p := &pager{filter: f, rows: pageRows}
	if f.Limit > 0 {
		p.rows = min(f.Limit+1, pageRows)
	}
	return p
}

// next reads a page.
func (p *pager) next(ctx context.Context, s *Store) ([]listed, error) {
	if p.group != nil {
		return p.nextOfGroup(ctx, s)
	}
	where, args := "", []any(nil)
	if p.from != "" {
		where, args = p.from, []any{s.compared(p.date)}
	}
	rows, err := p.read(ctx, s, where, args, "expire_date DESC", p.rows)
	if err != nil {
		return nil, err
	}
	if p.done = len(rows) < p.rows; !p.done {
		// There may be more rows with the last date.
		p.rows, p.from, p.date = pageRows, " AND expire_date <= ?", rows[len(rows)-1].date
		first := slices.IndexFunc(rows, rows[len(rows)-1].sameDate)
		if first == 0 {
			p.group = &group{rows: pageRows}
			return p.nextOfGroup(ctx, s)
		}
		rows = rows[:first]
	}
	for from, to := 0, 0; from < len(rows); from = to {
		for to = from + 1; to < len(rows) && rows[from].sameDate(rows[to]); to++ {
		}
		slices.SortStableFunc(rows[from:to], func(a, b listed) int {
			x, _ := columnText("", a.key)
			y, _ := columnText("", b.key)
			return cmp.Compare(x, y)
		})
	}
	return rows, nil
}

func (l listed) sameDate(other listed) bool {
	return fmt.Sprintf("%T %v", l.date, l.date) == fmt.Sprintf("%T %v", other.date, other.date)
}

// nextOfGroup reads a page of the rows with the date p.date.
func (p *pager) nextOfGroup(ctx context.Context, s *Store) (fresh []listed, err error) {
	g := p.group
	where, args := " AND expire_date = ?", []any{s.compared(p.date)}
	switch { // NULL comes first, except on PostgreSQL
	case g.begun && s.db.Dialect == PostgreSQL:
		where += " AND (session_key >= ? OR session_key IS NULL)"
		args = append(args, s.compared(g.key))
	case g.begun && g.key != nil:
		where += " AND session_key >= ?"
		args = append(args, s.compared(g.key))
	}
	rows, err := p.read(ctx, s, where, args, "session_key", g.rows)
	if err != nil {
		return nil, err
	}
	seen := map[string]int{}
	for _, l := range rows {
		id := fmt.Sprintf("%T %v %v", l.key, l.key, l.data)
		if seen[id]++; seen[id] > g.seen[id] {
			fresh = append(fresh, l)
		}
	}
	if len(rows) < g.rows {
		p.from, p.group = " AND expire_date < ?", nil
		return fresh, nil
	}
	if len(fresh) == 0 {
		g.rows *= 2 // equal rows fill the page: read past them
	} else {
		p.group = &group{rows: pageRows, begun: true, key: rows[len(rows)-1].key, seen: seen}
	}
	return fresh, nil
}

// read reads rows that the filter and a further condition select.
func (p *pager) read(ctx context.Context, s *Store, and string, more []any, order string, limit int) (all []listed, err error) {
	// As text, so that no driver makes a time of it in a zone of its own. PostgreSQL orders by
	// the result of a cast, which has the name of the column, unless it gets another.
	var expires, date string
	switch s.db.Dialect {
	case MySQL:
		expires = "CAST(expire_date AS CHAR)"
		date = expires
	case SQLite:
		expires = "CAST(expire_date AS TEXT)"
		date = "+expire_date" // as it is: drivers convert by a column's declared type, and this has none
	case PostgreSQL:
		expires = "CASE WHEN isfinite(expire_date) THEN expire_date END" // drivers have no infinity
		date = "CAST(expire_date AS text)"
	}
	where, args := s.where(p.filter)
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
	if b, ok := column.([]byte); ok && s.db.Dialect != SQLite { // where bytes are a type of their own
		return string(b)
	}
	return column
}
