package dbstore

import "context"

// What is known of the table's unique keys on MySQL.
const (
	unknown = iota
	unique
	notUnique
)

// uniqueKey reports whether the table has a unique key of session_key alone, which it finds
// out once. A store in a transaction does not ask: that would cost more than the look-up
// that it saves.
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
