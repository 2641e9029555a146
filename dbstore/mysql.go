package dbstore

import (
	"context"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/sqldb"
)

// checkTaken returns django.ErrExists if a key is taken on MySQL, unless the table's unique
// key will say so. On the other databases the statement itself checks that.
func (s *Store) checkTaken(ctx context.Context, op, key string) error {
	if s.db.Dialect != sqldb.MySQL || s.uniqueKey(ctx) {
		return nil
	}
	taken, err := s.found(ctx, s.q.taken, key)
	if taken {
		return django.ErrExists
	}
	return s.fail(op, err)
}

// uniqueKey reports whether the table has a unique key of session_key alone; a partitioned
// table has none. It asks once. In a transaction it does not ask, since that costs more than
// the look-up that it saves.
func (s *Store) uniqueKey(ctx context.Context) bool {
	if s.db.InTx {
		return false
	}
	if known := s.unique.Load(); known != nil {
		return *known
	}
	names := s.db.Dialect.Names(s.opts.table)
	schema, args := "DATABASE()", []any{names[len(names)-1]}
	if len(names) > 1 {
		schema, args = "?", append(args, names[len(names)-2])
	}
	unique, err := s.found(ctx, "SELECT 1 FROM information_schema.statistics WHERE table_name = ? AND table_schema = "+schema+
		" AND non_unique = 0 GROUP BY index_name HAVING COUNT(*) = 1 AND LOWER(MAX(column_name)) = 'session_key' LIMIT 1", args...)
	if err != nil {
		return true // as Django made it
	}
	s.unique.Store(&unique)
	return unique
}
