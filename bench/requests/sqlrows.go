package requests

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/djsession/djsession/internal/testenv"
)

// open opens the site's database with database/sql.
func (s *site) open() (*sql.DB, error) {
	db, err := sql.Open(s.Driver, s.DSN)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(pool)
	db.SetMaxIdleConns(pool)
	return db, nil
}

const (
	loadQuery = "SELECT session_data FROM django_session WHERE session_key = ? AND expire_date > ?"
	saveQuery = "UPDATE django_session SET session_data = ?, expire_date = ? WHERE session_key = ?"
	userQuery = "SELECT username, password, is_active FROM auth_user WHERE id = ?"
)

// numbered returns a query as PostgreSQL wants it.
func numbered(query string) string {
	for i := 1; strings.Contains(query, "?"); i++ {
		query = strings.Replace(query, "?", fmt.Sprintf("$%d", i), 1)
	}
	return query
}

// sqlRows are rows over database/sql. The statements are prepared, by pgx itself on
// PostgreSQL.
type sqlRows struct {
	vendor            testenv.Vendor
	queryRow          func(ctx context.Context, query string, args ...any) *sql.Row
	exec              func(ctx context.Context, query string, args ...any) (sql.Result, error)
	loads, saves, get string
}

func openSQL(s *site) (rows, error) {
	db, err := s.open()
	if err != nil {
		return nil, err
	}
	r := &sqlRows{vendor: s.Vendor, loads: loadQuery, saves: saveQuery, get: userQuery}
	if s.Vendor == testenv.PostgreSQLVendor {
		r.loads, r.saves, r.get = numbered(loadQuery), numbered(saveQuery), numbered(userQuery)
		r.queryRow, r.exec = db.QueryRowContext, db.ExecContext
		return r, nil
	}
	statements := map[string]*sql.Stmt{}
	for _, query := range []string{loadQuery, saveQuery, userQuery} {
		if statements[query], err = db.Prepare(query); err != nil {
			return nil, err
		}
	}
	r.queryRow = func(ctx context.Context, query string, args ...any) *sql.Row {
		return statements[query].QueryRowContext(ctx, args...)
	}
	r.exec = func(ctx context.Context, query string, args ...any) (sql.Result, error) {
		return statements[query].ExecContext(ctx, args...)
	}
	return r, nil
}

// time returns the parameter for a time: of SQLite, the text that Django writes.
func (r *sqlRows) time(t time.Time) any {
	if r.vendor == testenv.SQLiteVendor {
		return t.UTC().Format("2006-01-02 15:04:05.000000")
	}
	return t.UTC()
}

func (r *sqlRows) load(ctx context.Context, key string) (text string, err error) {
	err = r.queryRow(ctx, r.loads, key, r.time(time.Now())).Scan(&text)
	return text, noRow(err, sql.ErrNoRows)
}

func (r *sqlRows) save(ctx context.Context, key, text string, expires time.Time) error {
	_, err := r.exec(ctx, r.saves, text, r.time(expires), key)
	return err
}

func (r *sqlRows) user(ctx context.Context, id int64) (u user, err error) {
	err = r.queryRow(ctx, r.get, id).Scan(&u.name, &u.password, &u.active)
	return u, noRow(err, sql.ErrNoRows)
}

func noRow(err, none error) error {
	if errors.Is(err, none) {
		return errNoRow
	}
	return err
}
