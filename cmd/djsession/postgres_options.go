package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/djsession/djsession/internal/databaseurl"
)

// libpqOption is a parameter of libpq that pgx does not know and would send to the
// server.
type libpqOption struct {
	env string // the environment variable that also sets it

	// apply configures the connection for a value. Its error says what to do instead.
	apply func(c *pgx.ConnConfig, value string) error
}

// libpqOptions are libpq's parameters that pgx does not know.
var libpqOptions = map[string]libpqOption{
	"fallback_application_name": {"", func(c *pgx.ConnConfig, value string) error {
		c.RuntimeParams["application_name"] = cmp.Or(c.RuntimeParams["application_name"], value)
		return nil
	}},
	"gssencmode": {"PGGSSENCMODE", oneOf([]string{"disable", "prefer"},
		"djsession cannot encrypt with GSSAPI; use TLS: sslmode=verify-full, and gssencmode=disable")},
	"hostaddr":                 {"PGHOSTADDR", setHostAddress},
	"load_balance_hosts":       {"PGLOADBALANCEHOSTS", oneOf([]string{"disable", "random"}, "the value is disable or random")},
	"replication":              {"", oneOf([]string{"false", "off", "no", "0"}, "sessions are not read over a replication connection")},
	"ssl_min_protocol_version": {"PGSSLMINPROTOCOLVERSION", setTLSVersion(func(c *tls.Config) *uint16 { return &c.MinVersion })},
	"ssl_max_protocol_version": {"PGSSLMAXPROTOCOLVERSION", setTLSVersion(func(c *tls.Config) *uint16 { return &c.MaxVersion })},

	"sslcrl":              {"PGSSLCRL", refuse(noRevocation)},
	"sslcrldir":           {"PGSSLCRLDIR", refuse(noRevocation)},
	"requirepeer":         {"PGREQUIREPEER", refuse("djsession cannot check who owns the server's socket; connect over TLS with sslmode=verify-full instead")},
	"requiressl":          {"PGREQUIRESSL", oneOf([]string{"0"}, "write sslmode=require instead")},
	"gsslib":              {"PGGSSLIB", refuse(noKerberos)},
	"gssdelegation":       {"PGGSSDELEGATION", oneOf([]string{"0"}, noKerberos)},
	"scram_client_key":    {"", refuse("log in with a password instead")},
	"scram_server_key":    {"", refuse("log in with a password instead")},
	"oauth_issuer":        {"", refuse(noOAuth)},
	"oauth_client_id":     {"", refuse(noOAuth)},
	"oauth_client_secret": {"", refuse(noOAuth)},
	"oauth_scope":         {"", refuse(noOAuth)},
	"sslkeylogfile":       {"", refuse("djsession writes no TLS keys; remove it")},
}

const (
	noRevocation = "djsession cannot check revocation lists; remove it to connect without the check"
	noKerberos   = "djsession cannot log in with Kerberos; use a password or a client certificate"
	noOAuth      = "djsession cannot log in with OAuth; use a password or a client certificate"
)

// checkPostgreSQLOptions rejects options that libpq does not know, such as a misspelt
// sslmode.
func checkPostgreSQLOptions(o options) error {
	for _, name := range slices.Sorted(maps.Keys(o)) {
		if _, known := libpqOptions[name]; known || slices.Contains(databaseurl.Pgx, name) || slices.Contains(databaseurl.IgnoredLibpq, name) {
			continue
		}
		return fmt.Errorf("option %q of %s is not one of libpq or Django; remove it, or write options=-c%%20name%%3Dvalue for a setting of the server", shownName(name), where("database-url"))
	}
	return nil
}

// applyLibpqOptions applies or rejects the parameters that pgx does not know, from the
// URL, the service file or the environment.
func applyLibpqOptions(c *pgx.ConnConfig) error {
	for _, name := range slices.Sorted(maps.Keys(libpqOptions)) {
		option := libpqOptions[name]
		value, given := c.RuntimeParams[name]
		delete(c.RuntimeParams, name)
		source := "option " + name + " of " + where("database-url")
		if !given && option.env != "" {
			value, source = os.Getenv(option.env), option.env
		}
		if value == "" {
			continue
		}
		if err := option.apply(c, value); err != nil {
			return fmt.Errorf("%s cannot be used: %w", source, err)
		}
	}
	for name := range c.RuntimeParams {
		switch {
		case slices.Contains(databaseurl.IgnoredLibpq, name):
			delete(c.RuntimeParams, name)
		case name != "application_name" && name != "options" && name != "timezone":
			return fmt.Errorf("the service file of PostgreSQL has %q, which is not one of libpq's parameters", shownName(name))
		}
	}
	return checkTLSVersions(c)
}

func refuse(advice string) func(*pgx.ConnConfig, string) error {
	return func(*pgx.ConnConfig, string) error { return errors.New(advice) }
}

// oneOf accepts values that describe what the connection does anyway.
func oneOf(values []string, advice string) func(*pgx.ConnConfig, string) error {
	return func(_ *pgx.ConnConfig, value string) error {
		if slices.Contains(values, value) {
			return nil
		}
		return errors.New(advice)
	}
}

// setHostAddress connects to an address, and checks the certificate for the host.
func setHostAddress(c *pgx.ConnConfig, value string) error {
	for _, host := range hosts(&c.Config) {
		if network, _ := pgconn.NetworkAddress(host, c.Port); network == "unix" || host != c.Host {
			return errors.New("give one host name with it, or leave it out")
		}
	}
	if net.ParseIP(value) == nil {
		return errors.New("it is not one IP address")
	}
	c.LookupFunc = func(context.Context, string) ([]string, error) { return []string{value}, nil }
	return nil
}

// hosts returns the hosts of all attempts to connect, each once.
func hosts(c *pgconn.Config) []string {
	list := []string{c.Host}
	for _, fallback := range c.Fallbacks {
		if !slices.Contains(list, fallback.Host) {
			list = append(list, fallback.Host)
		}
	}
	return list
}
