package sqldb

import (
	"context"
	"database/sql"
	"sync"

	"github.com/jmoiron/sqlx"
)

// prepared is a *sqlx.DB that keeps its statements prepared. MySQL's driver
// would otherwise prepare each anew, two round trips more, unless the DSN has
// interpolateParams. There are as many as there are queries; they end with the
// database.
type prepared struct {
	*sqlx.DB
	statements sync.Map // query to *sqlx.Stmt
}

func (p *prepared) statement(ctx context.Context, query string) (*sqlx.Stmt, error) {
	if s, ok := p.statements.Load(query); ok {
		return s.(*sqlx.Stmt), nil
	}
	s, err := p.PreparexContext(ctx, query)
	if err != nil {
		return nil, err
	}
	if other, lost := p.statements.LoadOrStore(query, s); lost {
		_ = s.Close()
		return other.(*sqlx.Stmt), nil
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

// QueryRowxContext implements sqlx.ExtContext.
func (p *prepared) QueryRowxContext(ctx context.Context, query string, args ...any) *sqlx.Row {
	s, err := p.statement(ctx, query)
	if err != nil {
		// What fails to prepare fails to run, with the same error.
		return p.DB.QueryRowxContext(ctx, query, args...)
	}
	return s.QueryRowxContext(ctx, args...)
}

// QueryContext implements sqlx.ExtContext.
func (p *prepared) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	s, err := p.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}
