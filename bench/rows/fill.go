package rows

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/djsession/djsession/internal/testenv"
)

// fill stores n sessions with a text, in the order in which they expire: every other one before
// now. The keys are in no order.
func fill(ctx context.Context, d *testenv.Database, text string, n int) error {
	switch d.Vendor {
	case testenv.PostgreSQLVendor:
		return fillPostgreSQL(ctx, d, text, n)
	case testenv.MySQLVendor:
		return execute(ctx, d, "SET unique_checks = 0, foreign_key_checks = 0",
			fmt.Sprintf(`INSERT INTO django_session SELECT md5(seq), '%s', UTC_TIMESTAMP() +
				INTERVAL (3600 + CAST(seq AS SIGNED) - CAST(seq AS SIGNED) %% 2 * 1209600) SECOND FROM seq_1_to_%d`, text, n),
			"ANALYZE TABLE django_session")
	}
	return execute(ctx, d, "PRAGMA cache_size = -500000", "PRAGMA synchronous = OFF", "PRAGMA journal_mode = OFF",
		fmt.Sprintf(`INSERT INTO django_session
			WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < %d)
			SELECT lower(hex(randomblob(16))), '%s', datetime('now', (3600 + i - i %% 2 * 1209600) || ' seconds') FROM s`, n, text))
}

// fillPostgreSQL makes the indexes anew afterwards, which is much faster.
func fillPostgreSQL(ctx context.Context, d *testenv.Database, text string, n int) error {
	db, err := d.Open()
	if err != nil {
		return err
	}
	defer db.Close()
	const indexes = " FROM pg_indexes WHERE tablename = 'django_session' AND indexname <> 'django_session_pkey'"
	drop, err := column[string](ctx, db, "SELECT format('DROP INDEX %I', indexname)"+indexes)
	if err != nil {
		return err
	}
	create, err := column[string](ctx, db, "SELECT indexdef"+indexes)
	if err != nil {
		return err
	}
	statements := append(drop, "ALTER TABLE django_session DROP CONSTRAINT django_session_pkey", "SET maintenance_work_mem = '200MB'",
		fmt.Sprintf(`INSERT INTO django_session SELECT md5(i::text), '%s', now() +
			(3600 + i - i %% 2 * 1209600) * interval '1 second' FROM generate_series(1, %d) AS i`, text, n),
		"ALTER TABLE django_session ADD PRIMARY KEY (session_key)")
	return execute(ctx, d, append(append(statements, create...), "VACUUM ANALYZE django_session")...)
}

// column returns the only column of a query.
func column[T any](ctx context.Context, db *sql.DB, query string) ([]T, error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		var v T
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

// keysOf returns up to n keys of live sessions, in no order.
func keysOf(ctx context.Context, d *testenv.Database, n int) ([]string, error) {
	db, err := d.Open()
	if err != nil {
		return nil, err
	}
	defer db.Close()
	random := map[testenv.Vendor]string{testenv.MySQLVendor: "RAND()"}[d.Vendor]
	if random == "" {
		random = "RANDOM()"
	}
	return column[string](ctx, db, fmt.Sprintf("SELECT session_key FROM django_session WHERE expire_date > CURRENT_TIMESTAMP ORDER BY %s LIMIT %d", random, n))
}
