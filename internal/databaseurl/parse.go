package databaseurl

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/djsession/djsession/internal/netloc"
)

// Errors of [Parse]. They hold no part of the URL, since any part may hold a piece of a
// password that was not percent-encoded.
var (
	// ErrNoScheme reports a text that is not a URL.
	ErrNoScheme = errors.New("databaseurl: not a database URL; it starts with a scheme such as postgres://, mysql:// or sqlite://")
	// ErrHost reports brackets that are not around an IPv6 address.
	ErrHost = errors.New("databaseurl: the host is malformed; in the user name and the password, percent-encode all but letters and digits")
	// ErrPort reports a port that is not a number up to 65535.
	ErrPort = errors.New("databaseurl: the port is not a number up to 65535; in the user name and the password, percent-encode all but letters and digits")
	// ErrAt reports an @ after a host without a user name: most likely a password was not
	// percent-encoded.
	ErrAt = errors.New("databaseurl: there is an @ after the host; in the user name and the password, percent-encode all but letters and digits, and elsewhere write %40")
	// ErrRepeated reports an option that is given twice.
	ErrRepeated = errors.New("databaseurl: an option is given twice")
)

// SchemeError reports an unknown scheme. Its text contains the scheme only if it is a
// well-known one.
type SchemeError struct{ Scheme string }

func (e *SchemeError) Error() string {
	switch e.Scheme {
	case "mariadb":
		return "databaseurl: unknown scheme mariadb://; write mysql://"
	case "oracle", "oraclegis", "mssql", "mssqlms", "redshift", "cockroach":
		return fmt.Sprintf("databaseurl: %s:// databases are not supported; PostgreSQL, MySQL, MariaDB and SQLite are", e.Scheme)
	}
	return "databaseurl: unknown scheme; use postgres://, mysql:// or sqlite://"
}

// Parse reads a database URL as dj_database_url.parse does. In addition, these are
// errors: a scheme without // after it (there, sqlite:rel.db is the file "el.db"), an
// unsupported database, an @ after a host without a user name, and an option that is given
// twice. Errors hold no secrets.
func Parse(text string) (Database, error) {
	// Python's urlsplit would read "memory" as a port.
	if text == "sqlite://"+InMemory {
		return Database{Engine: SQLite, Name: InMemory}, nil
	}
	scheme, rest, err := cutScheme(clean(text))
	if err != nil {
		return Database{}, err
	}
	d := Database{Engine: engines[scheme]}
	if d.Engine == 0 {
		return Database{}, &SchemeError{scheme}
	}
	authority, after := rest, ""
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		authority, after = rest[:end], rest[end:]
	}
	if err := d.setAuthority(authority); err != nil {
		return Database{}, err
	}
	if d.Engine != SQLite && authority != "" && !strings.Contains(authority, "@") && strings.Contains(after, "@") {
		return Database{}, ErrAt
	}
	after, _, _ = strings.Cut(after, "#")
	name, query, _ := strings.Cut(strings.TrimPrefix(after, "/"), "?")
	d.Name = netloc.Unquote(name)
	if scheme == "sqlite" && d.Name == "" {
		d.Name = InMemory
	}
	if err := d.setOptions(query); err != nil {
		return Database{}, err
	}
	return d, nil
}

// clean removes what Python's urlsplit removes: control characters and spaces before a
// URL, line breaks and tabs within.
func clean(text string) string {
	text = strings.TrimLeftFunc(text, func(r rune) bool { return r <= ' ' })
	return strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(text)
}

func cutScheme(text string) (scheme, rest string, err error) {
	// Without the slashes, the user in "user:password@host" would be a scheme.
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok || scheme == "" {
		return "", "", ErrNoScheme
	}
	for i := range len(scheme) {
		c := scheme[i] | 0x20
		letter := 'a' <= c && c <= 'z'
		other := '0' <= scheme[i] && scheme[i] <= '9' || strings.IndexByte("+-.", scheme[i]) >= 0
		if !letter && (!other || i == 0) {
			return "", "", ErrNoScheme
		}
	}
	return strings.ToLower(scheme), rest, nil
}

func (d *Database) setAuthority(authority string) error {
	host := authority
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		user, password, _ := strings.Cut(authority[:at], ":")
		d.User, d.Password = netloc.Unquote(user), netloc.Unquote(password)
		host = authority[at+1:]
	}
	host, port, err := splitPort(authority, host)
	if err != nil {
		return err
	}
	// Like Python's hostname: lower case up to the zone of an IPv6 address.
	name, _, _ := strings.Cut(host, "%")
	d.Host = netloc.Unquote(strings.ToLower(name) + host[len(name):])
	if port == "" {
		return nil
	}
	d.Port, err = portNumber(port)
	return err
}

// splitPort splits host and port. Brackets are only allowed around an IPv6 address.
func splitPort(authority, hostPort string) (host, port string, err error) {
	if !strings.ContainsAny(authority, "[]") {
		host, port, _ = strings.Cut(hostPort, ":")
		return host, port, nil
	}
	inside, opened := strings.CutPrefix(hostPort, "[")
	host, after, closed := strings.Cut(inside, "]")
	if !opened || !closed || after != "" && after[0] != ':' {
		return "", "", ErrHost
	}
	if addr, err := netip.ParseAddr(host); err != nil || !addr.Is6() {
		return "", "", ErrHost
	}
	return host, strings.TrimPrefix(after, ":"), nil
}

func portNumber(port string) (int, error) {
	for i := range len(port) {
		if port[i] < '0' || port[i] > '9' {
			return 0, ErrPort
		}
	}
	n, err := strconv.Atoi(port)
	if err != nil || n > 65535 {
		return 0, ErrPort
	}
	return n, nil
}

// setOptions reads the query. Options without a value are ignored.
func (d *Database) setOptions(query string) error {
	for pair := range strings.SplitSeq(query, "&") {
		key, value, _ := strings.Cut(pair, "=")
		if value == "" {
			continue
		}
		key = netloc.UnquotePlus(key)
		if _, ok := d.Options[key]; ok {
			return ErrRepeated
		}
		if d.Options == nil {
			d.Options = make(map[string]string)
		}
		d.Options[key] = netloc.UnquotePlus(value)
	}
	return nil
}
