package dbstore

import (
	"context"
	"database/sql"
	"fmt"
)

// pageRows is how many rows List reads at once.
const pageRows = 200

// pager reads the rows of a list in pages. A page begins with the row that the one before it
// ended with, so that none of several rows with the same date and key is lost.
type pager struct {
	filter Filter
	rows   int  // of the next page
	done   bool // whether there are no more

	end  *listed       // the last row that was read
	seen map[rowID]int // how often each row with the date of end was read
}

// listed is a row as the database has it.
type listed struct {
	key, data, date any
	at              any // the date as the database compares it
}

// rowID tells rows apart.
type rowID struct{ key, at string }

func (l *listed) id() rowID {
	return rowID{fmt.Sprintf("%T %v", l.key, l.key), fmt.Sprintf("%T %v", l.at, l.at)}
}

func newPager(f Filter) *pager {
	p := &pager{filter: f, rows: pageRows, seen: map[rowID]int{}}
	if f.Limit > 0 {
		p.rows = min(f.Limit, pageRows)
	}
	return p
}

// next reads a page and returns its rows that were not in an earlier one.
func (p *pager) next(ctx context.Context, s *Store) (fresh []listed, err error) {
	query, args := p.query(s)
	var all []listed
	err = s.db.Read(ctx, query, args, func(rows *sql.Rows) error {
		all = nil
		for rows.Next() {
			var l listed
			if err := rows.Scan(&l.key, &l.data, &l.date, &l.at); err != nil {
				return err
			}
			all = append(all, l)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	count := map[rowID]int{}
	for _, l := range all {
		id := l.id()
		if count[id]++; count[id] <= p.seen[id] {
			continue
		}
		fresh = append(fresh, l)
	}
	p.advance(all, fresh)
	return fresh, nil
}

// advance moves the end of what was read behind a page.
func (p *pager) advance(all, fresh []listed) {
	p.done = len(all) < p.rows
	p.rows = pageRows
	if len(all) == 0 {
		return
	}
	if len(fresh) == 0 {
		p.rows = 2 * len(all) // a whole page of equal rows: read past them
	}
	end := &all[len(all)-1]
	at := end.id().at
	if p.end == nil || p.end.id().at != at {
		clear(p.seen)
	}
	for _, l := range fresh {
		if id := l.id(); id.at == at {
			p.seen[id]++
		}
	}
	p.end = end
}

// query selects the rows from the end of the page before on.
func (p *pager) query(s *Store) (string, []any) {
	// As text, so that no driver makes a time of it in a zone of its own.
	var date, at string
	switch s.db.Dialect {
	case MySQL:
		date = "CAST(expire_date AS CHAR)"
		at = date
	case SQLite:
		date = "CAST(expire_date AS TEXT)"
		at = "+expire_date" // an expression has no declared type, by which drivers convert
	case PostgreSQL:
		date = "CASE WHEN isfinite(expire_date) THEN expire_date END" // drivers have no infinity
		at = "CAST(expire_date AS text)"
	}
	where, args := s.where(p.filter)
	if p.end != nil {
		where += " AND expire_date <= ?"
		args = append(args, compared(p.end.at, s.db.Dialect))
		// NULL comes first, except on PostgreSQL.
		switch {
		case s.db.Dialect == PostgreSQL:
			where += " AND (expire_date < ? OR session_key >= ? OR session_key IS NULL)"
		case p.end.key != nil:
			where += " AND (expire_date < ? OR session_key >= ?)"
		}
		if s.db.Dialect == PostgreSQL || p.end.key != nil {
			args = append(args, compared(p.end.at, s.db.Dialect), compared(p.end.key, s.db.Dialect))
		}
	}
	query := "SELECT session_key, session_data, " + date + ", " + at + where + " ORDER BY expire_date DESC, session_key LIMIT ?"
	return s.db.Dialect.Bind(query), append(args, p.rows)
}

// compared returns the value of a column as a parameter to compare the column with.
func compared(column any, d Dialect) any {
	if b, ok := column.([]byte); ok && d != SQLite { // where bytes are a type of their own
		return string(b)
	}
	return column
}
