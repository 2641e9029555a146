package sqldb

import (
	"context"
	"database/sql"
	"sync"

	"github.com/jmoiron/sqlx"
)

// prepared is a *sqlx.DB that keeps its statements prepared. Without it MySQL's driver
// prepares a statement for each call, which takes two more round trips, unless the DSN has
// interpolateParams, and SQLite compiles it for each call, which takes a third of a query's time.
// One statement per query is kept, until the *sqlx.DB is closed. PostgreSQL's drivers keep them
// themselves, or must not, behind PgBouncer.
type prepared struct {
	*sqlx.DB
	statements sync.Map // query to *sql.Stmt
}

func (p *prepared) statement(ctx context.Context, query string) (*sql.Stmt, error) {
	if s, ok := p.statements.Load(query); ok {
		return s.(*sql.Stmt), nil
	}
	s, err := p.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	if other, lost := p.statements.LoadOrStore(query, s); lost {
		_ = s.Close()
		return other.(*sql.Stmt), nil
	}
	return s, nil
}

// ExecContext implements sqlx.ExtContext.
func (p *prepared) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	s, err := p.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(ctx, args...)
}

// QueryContext implements sqlx.ExtContext.
func (p *prepared) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	s, err := p.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}
