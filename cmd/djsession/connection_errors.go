package main

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// connectionFailure returns the reasons why the connection to PostgreSQL failed, each
// once: pgx repeats them for every address of the host, with TLS and without. ok is
// false for any other error.
func connectionFailure(err error) (text string, ok bool) {
	failed, ok := errors.AsType[*pgconn.ConnectError](err)
	if !ok {
		return "", false
	}
	attempts := []error{failed.Unwrap()}
	var joined interface{ Unwrap() []error }
	if errors.As(failed, &joined) {
		attempts = joined.Unwrap()
	}
	var reasons []string
	for _, attempt := range attempts {
		if reason := attemptReason(attempt); !slices.Contains(reasons, reason) {
			reasons = append(reasons, reason)
		}
	}
	return fmt.Sprintf("cannot connect to PostgreSQL at %s: %s", serverAddresses(failed.Config), strings.Join(reasons, "; ")), true
}

// attemptReason returns why one attempt failed, without the address.
func attemptReason(err error) string {
	if refused, ok := errors.AsType[*pgconn.PgError](err); ok {
		return refused.Error()
	}
	if dial, ok := errors.AsType[*net.OpError](err); ok && dial.Op == "dial" {
		return dial.Err.Error()
	}
	if inner := errors.Unwrap(err); inner != nil {
		err = inner
	}
	return err.Error()
}

// serverAddresses returns the host and port, or the socket, of each server.
func serverAddresses(c *pgconn.Config) string {
	var addresses []string
	add := func(host string, port uint16) {
		if _, address := pgconn.NetworkAddress(host, port); !slices.Contains(addresses, address) {
			addresses = append(addresses, address)
		}
	}
	add(c.Host, c.Port)
	for _, fallback := range c.Fallbacks {
		add(fallback.Host, fallback.Port)
	}
	return strings.Join(addresses, " and ")
}
