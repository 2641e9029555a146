package main

import (
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/internal/testenv"
)

func TestMySQLConfig(t *testing.T) {
	for _, test := range []struct{ url, network, address, user, password, name, tls string }{
		{"mysql://u:p%40w@db.example.com/shop", "tcp", "db.example.com:3306", "u", "p@w", "shop", "preferred"},
		{"mysql2://u@h:3307/shop?charset=utf8mb4&init_command=SET%20x&sql_mode=y", "tcp", "h:3307", "u", "", "shop", "preferred"},
		{"mysql://[::1]/shop?ssl_mode=disabled", "tcp", "[::1]:3306", "", "", "shop", ""},
		{"mysql:///shop?ssl_mode=REQUIRED", "tcp", "localhost:3306", "", "", "shop", "skip-verify"},
		{"mysql://u:p@localhost/shop?unix_socket=/run/my.sock", "unix", "/run/my.sock", "u", "p", "shop", ""},
		{"mysql://u:p@%2Frun%2Fmy.sock/shop", "unix", "/run/my.sock", "u", "p", "shop", ""},
		{"mysql://h/?user=u&passwd=p&db=shop", "tcp", "h:3306", "u", "p", "shop", "preferred"},
	} {
		c, _, err := mysqlConfig(parseURL(t, test.url))
		if err != nil {
			t.Errorf("%s: %v", test.url, err)
			continue
		}
		if c.Net != test.network || c.Addr != test.address || c.User != test.user || c.Passwd != test.password || c.DBName != test.name || c.TLSConfig != test.tls || c.TLS != nil {
			t.Errorf("%s: got %s %s, user %q, database %q, TLS %q", test.url, c.Net, c.Addr, c.User, c.DBName, c.TLSConfig)
		}
	}
	c, _, err := mysqlConfig(parseURL(t, "mysql://h/shop?connect_timeout=3&read_timeout=4&write_timeout=5"))
	if err != nil {
		t.Fatal(err)
	}
	if c.Timeout != 3*time.Second || c.ReadTimeout != 4*time.Second || c.WriteTimeout != 5*time.Second {
		t.Errorf("time-outs %v, %v, %v", c.Timeout, c.ReadTimeout, c.WriteTimeout)
	}
	for url, words := range map[string]string{
		"mysql://h/shop?ssl_mode=maybe":                 "ssl_mode",
		"mysql://h/shop?connect_timeout=soon":           "connect_timeout",
		"mysql://h/shop?ssl-ca=/nowhere":                "ssl-ca",
		"mysql://h/shop?ssl-cert=x&read_default_file=y": "option read_default_file",
	} {
		if _, _, err := mysqlConfig(parseURL(t, url)); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v, want %q", url, err, words)
		}
	}
}

// Every option of Django, mysqlclient, PyMySQL and mysql.connector is honoured,
// has no meaning here, or is refused by name.
func TestMySQLOptions(t *testing.T) {
	for _, option := range []string{
		"charset=utf8", "charset=utf8mb4", "collation=utf8mb4_bin", "use_unicode=true", "conv=x", "cursorclass=x", "binary_prefix=true", "compress=true",
		"multi_statements=true", "local_infile=1", "local_infile_dir=/x", "autocommit=true", "raise_on_warnings=true", "conn_max_age=600", "CONN_MAX_AGE=0",
		"conn_health_checks=true", "atomic_requests=true", "disable_server_side_cursors=true", "ssl=false",
	} {
		c, statements, err := mysqlConfig(parseURL(t, "mysql://h/shop?"+option))
		if err != nil || len(statements) > 1 || c.TLSConfig != "preferred" {
			t.Errorf("%s: %v", option, err)
		}
	}
	for _, name := range []string{
		"auth_plugin", "client_flag", "named_pipe", "read_default_file", "read_default_group", "server_public_key_path",
		"ssl_ca", "ssl_capath", "ssl-cert", "ssl_cert", "ssl-key", "ssl_key", "ssl_key_password", "ssl_cipher", "ssl_disabled", "ssl_verify_cert", "ssl_verify_identity",
		"sslmode", "tls_versions", "tls_ciphersuites", "unheard_of", "ssl_moed",
	} {
		_, _, err := mysqlConfig(parseURL(t, "mysql://h/shop?"+name+"=x"))
		if err == nil || !strings.Contains(err.Error(), "option "+name+" of DATABASE_URL") {
			t.Errorf("%s: %v, want a refusal by name", name, err)
		}
	}
	if c, _, err := mysqlConfig(parseURL(t, "mysql://h/shop?ssl=true")); err != nil || c.TLSConfig != "skip-verify" {
		t.Errorf("ssl=true: %v", err)
	}
	if c, _, err := mysqlConfig(parseURL(t, "mysql://u:p@h:1/shop?user=v&password=w&host=i&port=2&database=other")); err != nil ||
		c.User != "v" || c.Passwd != "w" || c.Addr != "i:2" || c.DBName != "other" {
		t.Errorf("OPTIONS do not override the rest: %v", err)
	}
}

func TestMySQLStatements(t *testing.T) {
	for options, want := range map[string]string{
		"": "SET autocommit = 1",
		"init_command=SET%20a%3D1%3B%20SET%20b%3D2":                                     "SET a=1; SET b=2|SET autocommit = 1",
		"sql_mode=STRICT_TRANS_TABLES,ANSI":                                             "SET autocommit = 1|SET SESSION sql_mode = 'STRICT_TRANS_TABLES,ANSI'",
		"isolation_level=Repeatable%20Read":                                             "SET autocommit = 1|SET SESSION TRANSACTION ISOLATION LEVEL repeatable read",
		"isolation_level=serializable&sql_mode=ANSI&init_command=SET%20NAMES%20utf8mb4": "SET NAMES utf8mb4|SET autocommit = 1|SET SESSION sql_mode = 'ANSI'|SET SESSION TRANSACTION ISOLATION LEVEL serializable",
	} {
		c, statements, err := mysqlConfig(parseURL(t, "mysql://h/shop?"+options))
		if err != nil || strings.Join(statements, "|") != want || c.MultiStatements != strings.Contains(want, ";") {
			t.Errorf("%s: %q, several at once %v: %v", options, statements, c.MultiStatements, err)
		}
	}
	for _, option := range []string{"isolation_level=chaos", "sql_mode=x%27;DROP", "ssl=/ca.pem", "port=x"} {
		name, _, _ := strings.Cut(option, "=")
		if _, _, err := mysqlConfig(parseURL(t, "mysql://h/shop?"+option)); err == nil || !strings.Contains(err.Error(), "option "+name) {
			t.Errorf("%s: %v", option, err)
		}
	}
}

// The statements run on the server, before anything else.
func TestMySQLStatementsRun(t *testing.T) {
	c := newCLI(t).on(servers.New(t, testenv.MySQLVendor))
	url := c.env["DATABASE_URL"]
	separator := "?"
	if strings.Contains(url, "?") {
		separator = "&"
	}
	options := "init_command=SET%20@a%3D1%3B%20SET%20@b%3D2&sql_mode=ANSI_QUOTES,STRICT_ALL_TABLES&isolation_level=serializable&charset=latin1"
	good := c.with("DATABASE_URL", url+separator+options)
	key := good.create(`{"a":1}`)
	if got := good.ok("show", key); got != `{"a":1}`+"\n" {
		t.Errorf("show prints %s", got)
	}
	c.with("DATABASE_URL", url+separator+"init_command=SET%20nonsense").run("show", key).check(t, statusFailed, "", "init_command")
}

// A file of certificates is used, or refused with a mode that would not use it; so is
// TLS that is asked for.
func TestMySQLVerification(t *testing.T) {
	ca, _ := clientCertificate(t, "x")
	for options, verifies := range map[string]bool{
		"ssl-ca=" + ca: true, "ssl=true&ssl-ca=" + ca: true, "ssl=false&ssl-ca=" + ca: true, "ssl_mode=VERIFY_CA&ssl-ca=" + ca: true, "ssl_mode=verify_identity&ssl=true&ssl-ca=" + ca: true,
		"ssl=true": false, "ssl=true&ssl_mode=REQUIRED": false, "unix_socket=/run/my.sock&ssl-ca=" + ca: true, "unix_socket=/run/my.sock&ssl=true": false,
	} {
		c, _, err := mysqlConfig(parseURL(t, "mysql://h/shop?"+options))
		switch {
		case err != nil:
			t.Errorf("%s: %v", options, err)
		case verifies && (c.TLS == nil || c.TLS.RootCAs == nil || c.TLSConfig != ""), !verifies && c.TLSConfig != "skip-verify":
			t.Errorf("%s: TLS %q", options, c.TLSConfig)
		}
	}
	for options, words := range map[string]string{
		"ssl_mode=REQUIRED&ssl-ca=" + ca: "option ssl-ca", "ssl_mode=preferred&ssl-ca=" + ca: "option ssl-ca", "ssl_mode=DISABLED&ssl-ca=" + ca: "option ssl-ca",
		"ssl=true&ssl_mode=REQUIRED&ssl-ca=" + ca: "option ssl-ca", "ssl=true&ssl-ca=/nowhere": "ssl-ca",
		"ssl=true&ssl_mode=PREFERRED": "option ssl of", "ssl=true&ssl_mode=DISABLED": "option ssl of", "ssl=maybe&ssl-ca=" + ca: "option ssl of",
	} {
		if _, _, err := mysqlConfig(parseURL(t, "mysql://h/shop?"+options)); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v, want %q", options, err, words)
		}
	}
}

// What is written is committed, even where the connection starts without autocommit.
func TestMySQLWithoutAutocommit(t *testing.T) {
	c := newCLI(t).on(servers.New(t, testenv.MySQLVendor))
	for _, options := range []string{"?init_command=SET%20autocommit%3D0", "?init_command=SET%20SESSION%20autocommit%3DOFF%3B%20SET%20@a%3D1&sql_mode=ANSI"} {
		off := c.with("DATABASE_URL", c.env["DATABASE_URL"]+options)
		key := off.create(`{"a":1}`)
		off.ok("set", key, "b", "2")
		if got := c.ok("show", key); got != `{"a":1,"b":2}`+"\n" {
			t.Errorf("%s: show prints %s", options, got)
		}
		off.ok("delete", key)
		c.run("show", key).check(t, statusNegative, "", "no such session")
	}
}
