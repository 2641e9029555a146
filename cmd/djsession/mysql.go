package main

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/djsession/djsession/internal/databaseurl"
)

// openMySQL takes the options that mysqlclient takes and that matter here.
func openMySQL(d databaseurl.Database) (*sql.DB, error) {
	config, err := mysqlConfig(d)
	if err != nil {
		return nil, err
	}
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", where("database-url"), err)
	}
	return sql.OpenDB(connector), nil
}

func mysqlConfig(d databaseurl.Database) (*mysql.Config, error) {
	o := newOptions(d)
	config := mysql.NewConfig()
	config.Logger = &mysql.NopLogger{} // what fails is an error, too
	config.User = cmp.Or(d.User, o.take("user"))
	config.Passwd = cmp.Or(d.Password, o.take("password"), o.take("passwd"))
	config.DBName = cmp.Or(d.Name, o.take("database"), o.take("db"))
	// An update that changes nothing then counts its row, which saves a question.
	config.ClientFoundRows = true
	if socket := o.take("unix_socket"); socket != "" {
		config.Net, config.Addr = "unix", socket
	} else if strings.HasPrefix(d.Host, "/") {
		config.Net, config.Addr = "unix", d.Host
	} else {
		config.Net = "tcp"
		d.Host = cmp.Or(d.Host, "localhost")
		config.Addr = d.Address(3306)
	}
	if err := setTLS(config, o); err != nil {
		return nil, err
	}
	for name, timeout := range map[string]*time.Duration{
		"connect_timeout": &config.Timeout, "read_timeout": &config.ReadTimeout, "write_timeout": &config.WriteTimeout,
	} {
		if text := o.take(name); text != "" {
			seconds, err := strconv.ParseUint(text, 10, 31)
			if err != nil {
				return nil, fmt.Errorf("option %s of %s must be a number of seconds", name, where("database-url"))
			}
			*timeout = time.Duration(seconds) * time.Second
		}
	}
	// Keys and data are ASCII, times are sent as text, and each statement commits
	// by itself: character set, modes and isolation do not matter.
	o.ignore("charset", "collation", "use_unicode", "sql_mode", "init_command", "isolation_level",
		"autocommit", "conv", "compress", "raise_on_warnings")
	return config, o.rest()
}

// setTLS follows the client library: by default TLS if the server has it, and
// checked against nothing.
func setTLS(config *mysql.Config, o options) error {
	mode := strings.ToUpper(o.take("ssl_mode"))
	authority := o.take("ssl-ca")
	if mode == "" && authority != "" {
		mode = "VERIFY_CA"
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

// readAuthority returns the certificates in a file, nil (the system's) without one.
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
