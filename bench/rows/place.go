package rows

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/bench/measure"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// place is where databases are made: a server, or a directory for files of SQLite.
type place struct {
	name   string
	env    *measure.Env
	server *testenv.Server // nil for SQLite
	made   int
}

// places starts the servers, as durable as in production and with room for all rows in memory.
// The caller calls stop, also after an error.
func places(ctx context.Context, env *measure.Env) (all []*place, stop func(), err error) {
	all = []*place{{name: "SQLite", env: env}}
	stop = func() {
		for _, p := range all {
			if p.server != nil {
				_ = p.server.Stop()
			}
		}
	}
	s, err := testenv.StartPostgreSQL(ctx, "", testenv.Durable(),
		testenv.WithSetting("shared_buffers", "512MB"), testenv.WithSetting("max_wal_size", "4GB"))
	if err != nil {
		return all, stop, err
	}
	all = append(all, &place{name: "PostgreSQL", env: env, server: s})
	s, err = testenv.StartMariaDB(ctx, "", testenv.Durable(),
		testenv.WithSetting("innodb-buffer-pool-size", "512M"), testenv.WithSetting("innodb-log-file-size", "256M"))
	if err != nil {
		return all, stop, err
	}
	return append(all, &place{name: "MariaDB", env: env, server: s}), stop, nil
}

// empty returns a new database without tables.
func (p *place) empty(ctx context.Context) (*testenv.Database, error) {
	p.made++
	name := fmt.Sprintf("rows_%d", p.made)
	if p.server == nil {
		return testenv.SQLiteFile(filepath.Join(p.env.Dir, name)), nil
	}
	return p.server.CreateDatabase(ctx, name)
}

// filled returns a new database that Django migrated, with n sessions.
func (p *place) filled(ctx context.Context, n int) (*testenv.Database, error) {
	d, err := p.empty(ctx)
	if err != nil {
		return nil, err
	}
	s := site{p.env.Django, d}
	if _, err := s.run(ctx, "migrate"); err != nil {
		return nil, err
	}
	text, err := s.run(ctx, "text")
	if err != nil {
		return nil, err
	}
	return d, fill(ctx, d, text, n)
}

// copy returns a new database with the content of another, which nobody is connected to.
func (p *place) copy(ctx context.Context, from *testenv.Database) (*testenv.Database, error) {
	switch {
	case p.server == nil:
		to, _ := p.empty(ctx)
		return to, copyFile(from.Name, to.Name)
	case p.server.Vendor == testenv.PostgreSQLVendor:
		p.made++
		to := p.server.Database(fmt.Sprintf("rows_%d", p.made))
		return to, execute(ctx, p.server.Database("postgres"), "CREATE DATABASE "+to.Name+" TEMPLATE "+from.Name+" STRATEGY FILE_COPY", "CHECKPOINT")
	}
	to, err := p.empty(ctx)
	if err != nil {
		return nil, err
	}
	return to, execute(ctx, to, "SET unique_checks = 0, foreign_key_checks = 0",
		"CREATE TABLE django_session LIKE "+from.Name+".django_session", "INSERT INTO django_session SELECT * FROM "+from.Name+".django_session")
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	defer out.Close()
	if _, err := io.Copy(out, in); err != nil {
		return err
	}
	return out.Sync() // else the disk is still busy with it later
}

// execute runs statements on one connection.
func execute(ctx context.Context, d *testenv.Database, statements ...string) error {
	db, err := d.Open()
	if err != nil {
		return err
	}
	defer db.Close()
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return executeOn(ctx, conn, statements...)
}

func executeOn(ctx context.Context, conn *sql.Conn, statements ...string) error {
	for _, statement := range statements {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%.60s: %w", statement, err)
		}
	}
	return nil
}

// open returns the store on a database. The caller closes the pool.
func open(d *testenv.Database, parameters ...string) (*sqlx.DB, django.Store, error) {
	pool, err := d.Open(parameters...)
	if err != nil {
		return nil, nil, err
	}
	db := sqlx.NewDb(pool, d.Driver())
	db.SetMaxIdleConns(loaders)
	db.SetMaxOpenConns(loaders)
	settings := django.DefaultSettings()
	settings.SecretKey = secretKey
	settings.UseTZ = new(true)
	sessions, err := django.New(settings, dbstore.New(db))
	if err != nil {
		_ = db.Close()
		return nil, nil, err
	}
	return db, sessions.Store(), nil
}
