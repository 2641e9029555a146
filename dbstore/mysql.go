package dbstore

import (
	"context"

	"github.com/djsession/djsession/django"
)

// What is known of the table's unique keys on MySQL.
const (
	unknown = iota
	unique
	notUnique
)

// insertMySQL inserts a row whose key the table's unique key checks. Where it has none,
// the key is looked for first: in one statement, that would take locks on which
// inserts deadlock.
func (s *Store) insertMySQL(ctx context.Context, key string, extra []string, args []any) error {
	if err := s.checkTaken(ctx, key); err != nil {
		return err
	}
	err := s.plainInsert(ctx, extra, args)
	if err != nil && s.db.KindOf(err) == KindDuplicate {
		return django.ErrExists
	}
	return err
}

// checkTaken returns django.ErrExists for a key that is taken, if the database does not check
// that itself: on MySQL in a table without a unique key of session_key alone, as a
// partitioned one is.
func (s *Store) checkTaken(ctx context.Context, key string) error {
	if s.db.Dialect != MySQL || s.uniqueKey(ctx) {
		return nil
	}
	taken, err := s.taken(ctx, key)
	if taken {
		err = django.ErrExists
	}
	return err
}

// uniqueKey reports whether the table has a unique key of session_key alone, which it finds
// out once. A transaction, for which that is not worth while, cannot rely on it.
func (s *Store) uniqueKey(ctx context.Context) bool {
	if s.db.InTx {
		return false
	}
	if known := s.keyed.Load(); known != unknown {
		return known == unique
	}
	names := s.db.Dialect.Names(s.opts.table)
	query, args := "table_schema = DATABASE()", []any{names[len(names)-1]}
	if len(names) > 1 {
		query, args = "table_schema = ?", []any{names[len(names)-2], names[len(names)-1]}
	}
	query = "SELECT COUNT(*) FROM (SELECT 1 FROM information_schema.statistics WHERE " + query +
		" AND table_name = ? AND non_unique = 0 GROUP BY index_name HAVING COUNT(*) = 1 AND LOWER(MAX(column_name)) = 'session_key') AS k"
	var n int
	if err := s.db.Row(ctx, query, args, &n); err != nil {
		return true // as Django made it
	}
	known := int32(notUnique)
	if n > 0 {
		known = unique
	}
	s.keyed.Store(known)
	return known == unique
}
