package main

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/djsession/djsession/internal/databaseurl"
)

// openMySQL follows mysqlclient, which Django passes its OPTIONS to.
func openMySQL(d databaseurl.Database) (*sql.DB, error) {
	config, statements, err := mysqlConfig(d)
	if err != nil {
		return nil, err
	}
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", where("database-url"), err)
	}
	return sql.OpenDB(initConnector{connector, statements}), nil
}

// mysqlAdvice says what to do about options that cannot be honoured: those of
// mysqlclient, and those of PyMySQL and mysql.connector that Django sites use.
var mysqlAdvice = map[string]string{
	"auth_plugin":            "djsession uses the plugin that the server asks for; remove it",
	"client_flag":            "djsession sets its own flags; remove it",
	"named_pipe":             "djsession connects over TCP or a Unix socket",
	"read_default_file":      "djsession does not read option files; put the user, password, host and TLS options of the file in the URL",
	"read_default_group":     "djsession does not read option files; put the user, password, host and TLS options of the file in the URL",
	"server_public_key_path": "djsession cannot check the server's RSA key; use TLS with ssl_mode=VERIFY_IDENTITY instead",
	"ssl_ca":                 "write ssl-ca, as dj-database-url has it",
	"ssl_capath":             "name one file with ssl-ca instead",
	"ssl-cert":               noMySQLCertificate,
	"ssl_cert":               noMySQLCertificate,
	"ssl-key":                noMySQLCertificate,
	"ssl_key":                noMySQLCertificate,
	"ssl_key_password":       noMySQLCertificate,
	"ssl_cipher":             "djsession uses Go's choice of TLS ciphers; remove it",
	"ssl_disabled":           "write ssl_mode=DISABLED instead",
	"ssl_verify_cert":        "write ssl_mode=VERIFY_CA instead",
	"ssl_verify_identity":    "write ssl_mode=VERIFY_IDENTITY instead",
	"sslmode":                "for MySQL, write ssl_mode: DISABLED, PREFERRED, REQUIRED, VERIFY_CA or VERIFY_IDENTITY",
	"tls_ciphersuites":       "djsession uses Go's choice of TLS ciphers; remove it",
	"tls_versions":           "djsession uses TLS 1.2 or later; remove it",
}

const noMySQLCertificate = "djsession cannot log in to MySQL with a client certificate; use a password"

// isolationLevels are those that Django's MySQL backend accepts.
var isolationLevels = []string{"read committed", "read uncommitted", "repeatable read", "serializable"}

// mysqlConfig returns the configuration, and the statements to run on each new
// connection.
func mysqlConfig(d databaseurl.Database) (*mysql.Config, []string, error) {
	o := newOptions(d)
	config := mysql.NewConfig()
	config.Logger = &mysql.NopLogger{} // failures are returned as errors
	// Django's OPTIONS override the rest of DATABASES.
	config.User = cmp.Or(o.take("user"), d.User)
	config.Passwd = cmp.Or(o.take("password"), o.take("passwd"), d.Password)
	config.DBName = cmp.Or(o.take("database"), o.take("db"), d.Name)
	// An update that changes nothing then counts its row, which saves a query.
	config.ClientFoundRows = true
	if err := setMySQLAddress(config, d, o); err != nil {
		return nil, nil, err
	}
	if err := setTLS(config, o); err != nil {
		return nil, nil, err
	}
	for name, timeout := range map[string]*time.Duration{
		"connect_timeout": &config.Timeout, "read_timeout": &config.ReadTimeout, "write_timeout": &config.WriteTimeout,
	} {
		if text := o.take(name); text != "" {
			seconds, err := strconv.ParseUint(text, 10, 31)
			if err != nil {
				return nil, nil, fmt.Errorf("option %s of %s must be a number of seconds", name, where("database-url"))
			}
			*timeout = time.Duration(seconds) * time.Second
		}
	}
	statements, err := mysqlStatements(o)
	if err != nil {
		return nil, nil, err
	}
	// mysqlclient lets init_command hold several statements.
	config.MultiStatements = slices.ContainsFunc(statements, func(s string) bool { return strings.Contains(s, ";") })
	o.ignore(databaseurl.IgnoredMySQL...)
	return config, statements, o.rest(mysqlAdvice)
}

func setMySQLAddress(config *mysql.Config, d databaseurl.Database, o options) error {
	host, port := cmp.Or(o.take("host"), d.Host), o.take("port")
	if port != "" {
		number, err := strconv.ParseUint(port, 10, 16)
		if err != nil {
			return fmt.Errorf("option port of %s must be a number up to 65535", where("database-url"))
		}
		d.Port = int(number)
	}
	socket := o.take("unix_socket")
	if socket == "" && strings.HasPrefix(host, "/") {
		socket = host
	}
	if socket != "" {
		config.Net, config.Addr = "unix", socket
		return nil
	}
	d.Host = cmp.Or(host, "localhost")
	config.Net, config.Addr = "tcp", d.Address(3306)
	return nil
}

// mysqlStatements returns the statements that mysqlclient and Django run on a new
// connection. Autocommit may be off by init_command or by the server's settings.
func mysqlStatements(o options) ([]string, error) {
	var statements []string
	if command := o.take("init_command"); command != "" {
		statements = append(statements, command)
	}
	statements = append(statements, "SET autocommit = 1")
	if mode := o.take("sql_mode"); mode != "" {
		if strings.ContainsAny(mode, `'\`) {
			return nil, fmt.Errorf("option sql_mode of %s is a list of modes separated by commas", where("database-url"))
		}
		statements = append(statements, "SET SESSION sql_mode = '"+mode+"'")
	}
	if level := strings.ToLower(o.take("isolation_level")); level != "" {
		if !slices.Contains(isolationLevels, level) {
			return nil, fmt.Errorf("option isolation_level of %s is one of %s", where("database-url"), strings.Join(isolationLevels, ", "))
		}
		statements = append(statements, "SET SESSION TRANSACTION ISOLATION LEVEL "+level)
	}
	return statements, nil
}

// setTLS follows the client library: by default it uses TLS if the server supports it,
// and checks no certificate.
func setTLS(config *mysql.Config, o options) error {
	mode := strings.ToUpper(o.take("ssl_mode"))
	authority := o.take("ssl-ca")
	required := false
	if text := o.take("ssl"); text != "" {
		var ok bool
		if required, ok = parseBool(text); !ok {
			return fmt.Errorf("option ssl of %s is true or false; write ssl-ca and ssl_mode for more", where("database-url"))
		}
	}
	unverified := slices.Contains([]string{"DISABLED", "PREFERRED", "REQUIRED"}, mode)
	switch {
	case authority != "" && unverified:
		return fmt.Errorf("option ssl-ca of %s cannot be used with ssl_mode=%s, which checks no certificate; write ssl_mode=VERIFY_CA, or remove ssl-ca", where("database-url"), mode)
	case required && (mode == "DISABLED" || mode == "PREFERRED"):
		return fmt.Errorf("option ssl of %s cannot be true with ssl_mode=%s, which connects without TLS; remove one of them", where("database-url"), mode)
	case authority != "" && mode == "":
		mode = "VERIFY_CA"
	case required && mode == "": // as in mysqlclient
		mode = "REQUIRED"
	}
	if config.Net == "unix" && mode == "" {
		return nil
	}
	switch mode {
	case "DISABLED":
		return nil
	case "", "PREFERRED":
		config.TLSConfig = "preferred"
		return nil
	case "REQUIRED":
		config.TLSConfig = "skip-verify"
		return nil
	case "VERIFY_CA", "VERIFY_IDENTITY":
	default:
		return fmt.Errorf("option ssl_mode of %s is one of DISABLED, PREFERRED, REQUIRED, VERIFY_CA and VERIFY_IDENTITY", where("database-url"))
	}
	roots, err := readAuthority(authority)
	if err != nil {
		return err
	}
	config.TLS = &tls.Config{RootCAs: roots}
	if mode == "VERIFY_CA" {
		config.TLS.InsecureSkipVerify = true // of the name; the chain is checked below
		config.TLS.VerifyConnection = func(state tls.ConnectionState) error { return verifyChain(state, roots) }
	}
	return nil
}

// readAuthority returns the certificates in a file, or nil for the system's without one.
func readAuthority(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("the file in option ssl-ca of %s cannot be read: %w", where("database-url"), err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("the file in option ssl-ca of %s holds no certificate", where("database-url"))
	}
	return roots, nil
}

// verifyChain checks the server's certificate without its name.
func verifyChain(state tls.ConnectionState, roots *x509.CertPool) error {
	between := x509.NewCertPool()
	for _, certificate := range state.PeerCertificates[1:] {
		between.AddCert(certificate)
	}
	_, err := state.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: between})
	return err
}
