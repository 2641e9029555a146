package main

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

var tlsVersions = map[string]uint16{"tlsv1": tls.VersionTLS10, "tlsv1.1": tls.VersionTLS11, "tlsv1.2": tls.VersionTLS12, "tlsv1.3": tls.VersionTLS13}

func setTLSVersion(field func(*tls.Config) *uint16) func(*pgx.ConnConfig, string) error {
	return func(c *pgx.ConnConfig, value string) error {
		version, known := tlsVersions[strings.ToLower(value)]
		if !known {
			return errors.New("the value is TLSv1, TLSv1.1, TLSv1.2 or TLSv1.3")
		}
		for _, config := range tlsConfigs(c) {
			*field(config) = version
		}
		return nil
	}
}

func checkTLSVersions(c *pgx.ConnConfig) error {
	for _, config := range tlsConfigs(c) {
		if config.MaxVersion != 0 && config.MaxVersion < cmp.Or(config.MinVersion, tls.VersionTLS12) {
			return fmt.Errorf("%s: ssl_max_protocol_version is lower than ssl_min_protocol_version, which is TLSv1.2 by default", where("database-url"))
		}
	}
	return nil
}

// tlsConfigs returns the configurations of all attempts to connect.
func tlsConfigs(c *pgx.ConnConfig) []*tls.Config {
	var configs []*tls.Config
	if c.TLSConfig != nil {
		configs = append(configs, c.TLSConfig)
	}
	for _, fallback := range c.Fallbacks {
		if fallback.TLSConfig != nil {
			configs = append(configs, fallback.TLSConfig)
		}
	}
	return configs
}

// checkNegotiation rejects, as libpq does, sslnegotiation=direct with an sslmode that
// allows a connection without TLS. Both may come from the URL, the service file or the
// environment.
func checkNegotiation(c *pgx.ConnConfig, o options) error {
	switch c.SSLNegotiation {
	case "", "postgres":
		return nil
	case "direct":
	default:
		return fmt.Errorf("sslnegotiation is postgres or direct; correct it in %s, PGSSLNEGOTIATION or the service file", where("database-url"))
	}
	// pgx does not expose the mode, and with direct it treats prefer as require. Its
	// configuration for TCP without direct shows whether TLS is required.
	probe := maps.Clone(o)
	maps.Copy(probe, options{"sslnegotiation": "postgres", "host": "localhost", "port": "5432", "sslcertmode": "disable"})
	plain, err := pgx.ParseConfig(keywordValues(probe))
	if err != nil {
		return fmt.Errorf("%s: %s", where("database-url"), parseReason(err))
	}
	if len(tlsConfigs(plain)) < 1+len(plain.Fallbacks) {
		return fmt.Errorf("sslnegotiation=direct needs sslmode=require, verify-ca or verify-full in %s", where("database-url"))
	}
	return nil
}

// checkRevocation rejects a connection that checks the server's certificate if libpq's
// default file of revoked certificates exists, which only libpq would check.
func checkRevocation(c *pgx.ConnConfig) error {
	verifies := slices.ContainsFunc(tlsConfigs(c), func(config *tls.Config) bool {
		return !config.InsecureSkipVerify || config.VerifyPeerCertificate != nil
	})
	home, err := libpqDirectory()
	if !verifies || err != nil {
		return nil
	}
	file := filepath.Join(home, "root.crl")
	if _, err := os.Stat(file); err != nil {
		return nil
	}
	return fmt.Errorf("the file %q cannot be used: djsession cannot check revocation lists; move it away to connect without the check", file)
}

// libpqDirectory returns the directory in which libpq looks for certificates.
func libpqDirectory() (string, error) {
	if runtime.GOOS == "windows" {
		dir, err := os.UserConfigDir()
		return filepath.Join(dir, "postgresql"), err
	}
	dir, err := os.UserHomeDir()
	return filepath.Join(dir, ".postgresql"), err
}
