package databaseurl

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// The options of Django's and of Python's drivers that have no meaning to Go's.
var (
	// IgnoredPsycopg are options of Django and psycopg that are not passed on to libpq.
	IgnoredPsycopg = []string{"isolation_level", "server_side_binding", "pool", "cursor_factory", "context", "prepare_threshold", "row_factory"}
	// IgnoredLibpq are parameters of libpq that neither protect a connection nor choose the
	// server.
	IgnoredLibpq = []string{
		"client_encoding", // Django always asks for UTF-8, and so does pgx
		"keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout",
		"sslcompression", // without effect since PostgreSQL 14
	}
	// Pgx are libpq's parameters that pgx understands and, except for the first two, does not
	// send to the server.
	Pgx = []string{
		"application_name", "options",
		"channel_binding", "connect_timeout", "dbname", "host", "max_protocol_version", "min_protocol_version", "passfile", "port", "require_auth",
		"krbsrvname", "service", "servicefile", "sslcert", "sslcertmode", "sslkey", "sslmode", "sslnegotiation", "sslrootcert", "sslsni", "target_session_attrs", "user",
	}
	// IgnoredMySQL change nothing here: the connection is in UTF-8, no local files are read,
	// and each statement commits by itself.
	IgnoredMySQL = []string{
		"charset", "collation", "use_unicode", "conv", "cursorclass", "binary_prefix", "compress", "multi_statements", "local_infile", "local_infile_dir",
		"raise_on_warnings",
	}
	// IgnoredSQLite are options of Python's sqlite3.connect. The timeout is dbstore's.
	IgnoredSQLite = []string{"check_same_thread", "detect_types", "isolation_level", "cached_statements", "factory", "uri", "timeout", "transaction_mode"}
)

// DSN returns the data source name for a driver of Go's: pgx, go-sql-driver/mysql or
// modernc.org/sqlite. It holds the password. dropped names the options that a DSN cannot
// carry, and "user" if a user name for MySQL has a colon. A MySQL DSN that lacks an option about
// certificates asks for one that the system trusts, so that it fails rather than connects
// unprotected.
func (d Database) DSN() (driver, dsn string, dropped []string) {
	o := map[string]string{}
	maps.Copy(o, d.Options)
	switch d.Engine {
	case PostgreSQL:
		driver, dsn = "pgx", d.postgresDSN(o)
	case MySQL:
		driver, dsn = "mysql", d.mysqlDSN(o)
	default:
		driver, dsn = "sqlite", "file:"+sqlitePath(d.Name)+"?mode=rw"
		remove(o, IgnoredSQLite)
	}
	return driver, dsn, slices.Sorted(maps.Keys(o))
}

func remove(o map[string]string, names []string) {
	for _, name := range names {
		delete(o, name)
	}
}

// sqlitePath returns the path of a database in a URI of SQLite's.
func sqlitePath(name string) string {
	if strings.HasPrefix(name, "/") {
		return "//" + (&url.URL{Path: name}).EscapedPath()
	}
	if len(name) > 1 && name[1] == ':' { // a drive of Windows
		return "///" + name[:2] + (&url.URL{Path: strings.ReplaceAll(name[2:], `\`, "/")}).EscapedPath()
	}
	return strings.ReplaceAll(encode(name), "%2F", "/")
}

// postgresDSN returns the keyword/value form, and removes from o what it carries.
func (d Database) postgresDSN(o map[string]string) string {
	remove(o, IgnoredPsycopg)
	remove(o, IgnoredLibpq)
	values := map[string]string{"host": d.Host, "user": d.User, "password": cmp.Or(d.Password, o["password"]), "dbname": d.Name}
	if d.Port != 0 {
		values["port"] = fmt.Sprint(d.Port)
	}
	for _, name := range append([]string{"sslpassword"}, Pgx...) {
		if value := o[name]; value != "" {
			if own := values[name]; own == "" || name == "dbname" { // OPTIONS override NAME alone
				values[name] = value
			}
			delete(o, name)
		}
	}
	if role := o["assume_role"]; role != "" {
		values["options"] = strings.TrimSpace(values["options"] + " -c role=" + strings.NewReplacer(`\`, `\\`, " ", `\ `).Replace(role))
	}
	remove(o, []string{"assume_role", "password"})
	var b strings.Builder
	escape := strings.NewReplacer(`\`, `\\`, `'`, `\'`)
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if values[name] != "" {
			fmt.Fprintf(&b, " %s='%s'", name, escape.Replace(values[name]))
		}
	}
	return strings.TrimPrefix(b.String(), " ")
}

// mysqlDSN returns the DSN of go-sql-driver/mysql, and removes from o what it carries.
func (d Database) mysqlDSN(o map[string]string) string {
	take := func(name string) string {
		value := o[name]
		delete(o, name)
		return value
	}
	remove(o, IgnoredMySQL)
	user := cmp.Or(take("user"), d.User)
	password := cmp.Or(take("passwd"), take("password"), d.Password)
	name := cmp.Or(take("database"), take("db"), d.Name)
	host := cmp.Or(take("host"), d.Host, "localhost")
	address := d.address(host, take("port"))
	if socket := take("unix_socket"); socket != "" || strings.HasPrefix(host, "/") {
		address = "unix(" + cmp.Or(socket, host) + ")"
	}
	parameters := url.Values{"clientFoundRows": {"true"}}
	if tls := mysqlTLS(o, strings.HasPrefix(address, "unix(")); tls != "" {
		parameters.Set("tls", tls)
	}
	for option, parameter := range map[string]string{"connect_timeout": "timeout", "read_timeout": "readTimeout", "write_timeout": "writeTimeout"} {
		if _, err := strconv.ParseUint(o[option], 10, 31); err == nil {
			parameters.Set(parameter, take(option)+"s")
		}
	}
	if !strings.ContainsAny(o["sql_mode"], `'\`) && o["sql_mode"] != "" {
		parameters.Set("sql_mode", "'"+take("sql_mode")+"'")
	}
	if strings.Contains(user, ":") { // which ends it in a DSN
		o["user"] = user
	}
	if user != "" || password != "" {
		user += ":" + password + "@"
	}
	return user + address + "/" + url.PathEscape(name) + "?" + parameters.Encode()
}

// mysqlTLS returns the parameter tls of a DSN, and removes from o what it carries. An authority
// of the site's own needs mysql.RegisterTLSConfig and stays in o; without that, no connection
// to its server is made, rather than one that is not protected.
func mysqlTLS(o map[string]string, unix bool) string {
	tls := ""
	switch mode := strings.ToUpper(o["ssl_mode"]); {
	case o["ssl-ca"] != "" || o["ssl-cert"] != "" || o["ssl-key"] != "" || mode == "VERIFY_CA":
		return "true"
	case mode == "" && strings.EqualFold(o["ssl"], "true"), mode == "REQUIRED":
		tls = "skip-verify"
	case mode == "VERIFY_IDENTITY":
		tls = "true"
	case mode == "DISABLED", mode == "" && o["ssl"] == "" && unix:
	case mode == "" && (o["ssl"] == "" || strings.EqualFold(o["ssl"], "false")), mode == "PREFERRED":
		tls = "preferred"
	default:
		return "true" // an unknown mode
	}
	remove(o, []string{"ssl_mode", "ssl"})
	return tls
}

// address returns the address of MySQL's server for a DSN.
func (d Database) address(host, port string) string {
	d.Host = host
	address := d.Address(3306)
	if port != "" {
		address = strings.TrimSuffix(address, address[strings.LastIndexByte(address, ':'):]) + ":" + port
	}
	return "tcp(" + address + ")"
}
