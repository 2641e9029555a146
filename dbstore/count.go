package dbstore

import "context"

// Count returns how many sessions List would find without a limit.
func (s *Store) Count(ctx context.Context, f Filter) (n int64, err error) {
	f.Limit = 0
	query, args := s.countQuery(f)
	err = s.db.Row(ctx, query, args, &n)
	return n, s.fail("count", err, f.Key)
}

func (s *Store) countQuery(f Filter) (string, []any) {
	compare := ">"
	if f.Expired {
		compare = "<="
	}
	query := "SELECT COUNT(*) FROM " + s.db.Dialect.Quote(s.opts.table) + " WHERE expire_date " + compare + " ?"
	args := []any{s.clock.Param(f.Now)}
	if f.Key != "" {
		query += " AND session_key = ?"
		args = append(args, f.Key)
	}
	return s.db.Dialect.Bind(query), args
}
