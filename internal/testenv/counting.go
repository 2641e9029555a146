package testenv

import (
	"context"
	"database/sql"
	"sync/atomic"

	"github.com/jmoiron/sqlx"
)

// Counting counts the statements that reach the database.
type Counting struct {
	*sqlx.DB
	Statements atomic.Int32
}

// ExecContext implements sqlx.ExtContext.
func (c *Counting) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	c.Statements.Add(1)
	return c.DB.ExecContext(ctx, query, args...)
}

// QueryRowxContext implements sqlx.ExtContext.
func (c *Counting) QueryRowxContext(ctx context.Context, query string, args ...any) *sqlx.Row {
	c.Statements.Add(1)
	return c.DB.QueryRowxContext(ctx, query, args...)
}

// QueryContext implements sqlx.ExtContext.
func (c *Counting) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	c.Statements.Add(1)
	return c.DB.QueryContext(ctx, query, args...)
}
