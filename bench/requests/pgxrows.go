package requests

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// pgxRows are rows over pgxpool.
type pgxRows struct {
	pool              *pgxpool.Pool
	loads, saves, get string
}

func openPgxpool(s *site) (rows, error) {
	config, err := pgxpool.ParseConfig(s.DSN)
	if err != nil {
		return nil, err
	}
	config.MaxConns, config.MinConns = pool, pool
	p, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		return nil, err
	}
	return &pgxRows{pool: p, loads: numbered(loadQuery), saves: numbered(saveQuery), get: numbered(userQuery)}, nil
}

func (r *pgxRows) load(ctx context.Context, key string) (text string, err error) {
	err = r.pool.QueryRow(ctx, r.loads, key, time.Now()).Scan(&text)
	return text, noRow(err, pgx.ErrNoRows)
}

func (r *pgxRows) save(ctx context.Context, key, text string, expires time.Time) error {
	_, err := r.pool.Exec(ctx, r.saves, text, expires, key)
	return err
}

func (r *pgxRows) user(ctx context.Context, id int64) (u user, err error) {
	err = r.pool.QueryRow(ctx, r.get, id).Scan(&u.name, &u.password, &u.active)
	return u, noRow(err, pgx.ErrNoRows)
}
