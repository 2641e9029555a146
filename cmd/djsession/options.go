package main

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/djsession/djsession/internal/databaseurl"
)

// options are the query of a database URL: Django's OPTIONS. Each is used, or ignored
// because it has no meaning here. The rest is an error, since an option that protects a
// connection must not be dropped.
type options map[string]string

// databaseSettings are settings next to OPTIONS in DATABASES that some URL parsers also
// read from the query. They have no meaning here.
var databaseSettings = []string{"conn_max_age", "conn_health_checks", "atomic_requests", "autocommit", "disable_server_side_cursors"}

func newOptions(d databaseurl.Database) options {
	o := make(options, len(d.Options))
	maps.Copy(o, d.Options)
	maps.DeleteFunc(o, func(name, _ string) bool { return slices.Contains(databaseSettings, strings.ToLower(name)) })
	return o
}

// take returns an option and removes it.
func (o options) take(name string) string {
	value := o[name]
	delete(o, name)
	return value
}

func (o options) ignore(names ...string) {
	for _, name := range names {
		delete(o, name)
	}
}

// rest returns an error for the options that are left; advice has the text for some.
func (o options) rest(advice map[string]string) error {
	if len(o) == 0 {
		return nil
	}
	var names []string
	for _, name := range slices.Sorted(maps.Keys(o)) {
		if text := advice[name]; text != "" {
			return fmt.Errorf("option %s of %s cannot be used: %s", name, where("database-url"), text)
		}
		names = append(names, shownName(name))
	}
	return fmt.Errorf("option %s of %s is not supported; remove it from the URL", strings.Join(names, ", "), where("database-url"))
}

var optionName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,32}$`)

// shownName returns the name of an option for a message. An odd name is hidden: it may be
// part of a password that was not percent-encoded.
func shownName(name string) string {
	if optionName.MatchString(name) {
		return name
	}
	return "***"
}

// initConnector runs statements on each new connection.
type initConnector struct {
	driver.Connector
	statements []string
}

func (c initConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	for _, statement := range c.statements {
		if _, err := conn.(driver.ExecerContext).ExecContext(ctx, statement, nil); err != nil {
			return nil, errors.Join(fmt.Errorf("a statement for a new connection (init_command, sql_mode or isolation_level in %s) failed: %w", where("database-url"), err), conn.Close())
		}
	}
	return conn, nil
}
