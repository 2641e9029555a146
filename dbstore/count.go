package dbstore

import (
	"context"

	"github.com/djsession/djsession/django"
)

// Count returns how many sessions List would find without a limit.
func (s *Store) Count(ctx context.Context, f django.Filter) (n int64, err error) {
	where, args := s.where(f)
	err = s.db.Row(ctx, s.db.Dialect.Bind("SELECT COUNT(*)"+where), args, &n)
	return n, s.fail("count", err, f.Key)
}

// where returns the end of a query for the rows that a filter selects.
func (s *Store) where(f django.Filter) (string, []any) {
	compare := ">"
	if f.Expired {
		compare = "<="
	}
	where, args := " FROM "+s.db.Dialect.Quote(s.opts.table)+" WHERE expire_date "+compare+" ?", []any{s.clock.Param(f.Now)}
	if f.Key != "" {
		where += " AND session_key = ?"
		args = append(args, f.Key)
	}
	return where, args
}
