package main

import (
	"cmp"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/djsession/djsession/internal/databaseurl"
)

// openPostgreSQL hands the options on as psycopg hands them to libpq. What the
// URL leaves out comes from PGHOST, PGUSER, the password file and so on, as there.
func openPostgreSQL(d databaseurl.Database) (*sql.DB, error) {
	config, err := postgreSQLConfig(d)
	if err != nil {
		return nil, err
	}
	return stdlib.OpenDB(*config), nil
}

func postgreSQLConfig(d databaseurl.Database) (*pgx.ConnConfig, error) {
	o := newOptions(d)
	// They are for Django, or keep a connection alive that lasts moments here.
	o.ignore("isolation_level", "server_side_binding", "pool", "cursor_factory", "context",
		"prepare_threshold", "keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count",
		"tcp_user_timeout", "gssencmode", "sslcompression", "fallback_application_name")
	if schema := o.take("currentSchema"); schema != "" {
		o["options"] = "-c search_path=" + schema
	}
	if role := o.take("assume_role"); role != "" {
		o["role"] = role
	}
	if name := o.take("database"); name != "" { // psycopg2 knows both names
		o["dbname"] = cmp.Or(o["dbname"], name)
	}
	// The password is set behind the parser's back, whose errors quote its input.
	password := cmp.Or(d.Password, o.take("password"))
	if o["sslpassword"] != "" || o["hostaddr"] != "" {
		return nil, fmt.Errorf("options sslpassword and hostaddr of %s are not supported; use a key without a password, and name the host in the URL", where("database-url"))
	}
	set := func(name, value string) {
		if value != "" {
			o[name] = value
		}
	}
	set("host", d.Host)
	set("user", d.User)
	set("dbname", d.Name)
	if d.Port != 0 {
		o["port"] = fmt.Sprint(d.Port)
	}
	config, err := pgx.ParseConfig(keywordValues(o))
	if err != nil {
		// The reason stands behind the connection string, which is quoted.
		_, reason, found := strings.Cut(err.Error(), "`: ")
		if !found {
			reason = "cannot be used"
		}
		return nil, fmt.Errorf("%s: %s", where("database-url"), reason)
	}
	if password != "" {
		config.Password = password
	}
	// Statements that pgx prepares in advance belong to one connection. Behind
	// PgBouncer in transaction mode the next statement may meet another one; and
	// for the one or two statements of a run, preparing is a round trip too many.
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	return config, nil
}

// keywordValues writes a connection string of libpq's.
func keywordValues(o options) string {
	var b strings.Builder
	escape := strings.NewReplacer(`\`, `\\`, `'`, `\'`)
	for _, name := range slices.Sorted(maps.Keys(o)) {
		fmt.Fprintf(&b, "%s='%s' ", name, escape.Replace(o[name]))
	}
	return b.String()
}
