package main

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/djsession/djsession/internal/databaseurl"
)

// openPostgreSQL passes the options on as psycopg passes them to libpq. As there, PGHOST,
// PGUSER, the password file and so on supply what the URL leaves out.
func openPostgreSQL(d databaseurl.Database) (*sql.DB, error) {
	config, err := postgreSQLConfig(d)
	if err != nil {
		return nil, err
	}
	return stdlib.OpenDB(*config), nil
}

func postgreSQLConfig(d databaseurl.Database) (*pgx.ConnConfig, error) {
	o := newOptions(d)
	o.ignore(databaseurl.IgnoredPsycopg...)
	if schema := o.take("currentSchema"); schema != "" {
		o["options"] = "-c search_path=" + schema
	}
	role := o.take("assume_role")
	if name := o.take("database"); name != "" { // psycopg2 knows both names
		o["dbname"] = cmp.Or(o["dbname"], name)
	}
	// Neither is part of the text that is parsed: the parser's errors quote it.
	password := cmp.Or(d.Password, o.take("password"))
	keyPassword := o.take("sslpassword")
	if err := checkPostgreSQLOptions(o); err != nil {
		return nil, err
	}
	set := func(name, value string) {
		if value != "" {
			o[name] = value
		}
	}
	set("host", d.Host)
	set("user", d.User)
	set("dbname", cmp.Or(o["dbname"], d.Name)) // Django's OPTIONS override NAME alone
	if d.Port != 0 {
		o["port"] = fmt.Sprint(d.Port)
	}
	config, err := pgx.ParseConfigWithOptions(keywordValues(o), pgx.ParseConfigOptions{ParseConfigOptions: pgconn.ParseConfigOptions{
		GetSSLPassword: func(context.Context) string { return keyPassword },
	}})
	if err != nil {
		return nil, fmt.Errorf("%s: %s", where("database-url"), parseReason(err))
	}
	if err := cmp.Or(applyLibpqOptions(config), checkNegotiation(config, o), checkRevocation(config)); err != nil {
		return nil, err
	}
	if password != "" {
		config.Password = password
	}
	if role != "" {
		config.RuntimeParams["role"] = role
	}
	// Prepared statements belong to one server connection, and behind PgBouncer in
	// transaction mode the next statement may use another one. For the one or two
	// statements of a run, preparing would also cost a round trip.
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	return config, nil
}

// parseReason returns what a pgx parser's error says after the connection string,
// which it quotes between backquotes.
func parseReason(err error) string {
	text := err.Error()
	if i := strings.LastIndex(text, "`: "); i >= 0 {
		return text[i+len("`: "):]
	}
	return "cannot be used"
}

// keywordValues returns a connection string for libpq.
func keywordValues(o options) string {
	var b strings.Builder
	escape := strings.NewReplacer(`\`, `\\`, `'`, `\'`)
	for _, name := range slices.Sorted(maps.Keys(o)) {
		fmt.Fprintf(&b, "%s='%s' ", name, escape.Replace(o[name]))
	}
	return b.String()
}
