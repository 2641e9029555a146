package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sslnegotiation=direct needs TLS, as libpq has it, wherever the two are set.
func TestDirectNegotiation(t *testing.T) {
	certificate, key := clientCertificate(t, "p")
	services := file(t, "services", "[direct]\nhost=h\nsslnegotiation=direct\n[strict]\nhost=h\nsslnegotiation=direct\nsslmode=require\n[odd]\nhost=h\nsslnegotiation=maybe\n")
	for _, test := range []struct{ options, variable, value, words string }{
		{"sslnegotiation=direct", "", "", "sslmode=require"},
		{"sslnegotiation=direct&sslmode=disable", "", "", "sslmode=require"},
		{"sslnegotiation=direct&sslmode=allow", "", "", "sslmode=require"},
		{"sslnegotiation=direct&sslmode=prefer", "", "", "sslmode=require"},
		{"sslnegotiation=direct", "PGSSLMODE", "prefer", "sslmode=require"},
		{"sslmode=prefer", "PGSSLNEGOTIATION", "direct", "sslmode=require"},
		{"host=h1,h2&port=1,2&sslnegotiation=direct", "", "", "sslmode=require"},
		{"host=/tmp&sslnegotiation=direct", "", "", "sslmode=require"},
		{"service=direct", "", "", "sslmode=require"},
		{"service=strict&sslmode=prefer", "", "", "sslmode=require"},
		{"service=odd", "", "", "sslnegotiation is postgres or direct"},
		{"", "PGSSLNEGOTIATION", "maybe", "sslnegotiation is postgres or direct"},
		{"sslnegotiation=maybe", "", "", "sslnegotiation is postgres or direct"},
		{"sslnegotiation=direct&sslmode=require", "", "", ""},
		{"sslnegotiation=direct&sslmode=verify-full", "", "", ""},
		{"sslnegotiation=direct&sslrootcert=system", "", "", ""}, // whose mode is verify-full
		{"sslnegotiation=direct", "PGSSLMODE", "require", ""},
		{"sslmode=verify-ca", "PGSSLNEGOTIATION", "direct", ""},
		{"sslnegotiation=postgres&sslmode=disable", "PGSSLNEGOTIATION", "direct", ""},
		{"service=strict", "", "", ""},
		{"service=direct", "PGSSLMODE", "require", ""},
		{"host=h1,h2&port=1,2&sslnegotiation=direct&sslmode=require", "", "", ""},
		{"sslnegotiation=direct&sslmode=require&sslpassword=p&sslcert=" + certificate + "&sslkey=" + key, "", "", ""},
	} {
		t.Run(test.options+" "+test.variable+"="+test.value, func(t *testing.T) {
			clearLibpqEnvironment(t)
			t.Setenv("PGSERVICEFILE", services)
			if test.variable != "" {
				t.Setenv(test.variable, test.value)
			}
			url := "postgres://h/shop?" + test.options
			if strings.Contains(test.options, "host=") || strings.Contains(test.options, "service=") {
				url = "postgres:///shop?" + test.options
			}
			c, err := postgreSQLConfig(parseURL(t, url))
			switch {
			case test.words != "":
				if err == nil || !strings.Contains(err.Error(), test.words) {
					t.Errorf("%v, want %s", err, test.words)
				}
			case err != nil:
				t.Error(err)
			case c.SSLNegotiation == "direct" && len(tlsConfigs(c)) != 1+len(c.Fallbacks):
				t.Error("a connection without TLS is possible")
			}
		})
	}
}

// Values from the environment are checked as those in the URL are.
func TestPostgreSQLEnvironmentIsChecked(t *testing.T) {
	for variable, value := range map[string]string{
		"PGSSLMODE": "maybe", "PGSSLNEGOTIATION": "maybe", "PGCHANNELBINDING": "maybe", "PGREQUIREAUTH": "maybe", "PGTARGETSESSIONATTRS": "maybe",
		"PGSSLCERTMODE": "maybe", "PGCONNECT_TIMEOUT": "soon", "PGMINPROTOCOLVERSION": "1.0", "PGSSLMAXPROTOCOLVERSION": "TLSv1", "PGGSSDELEGATION": "1", "PGGSSLIB": "gssapi",
	} {
		t.Run(variable, func(t *testing.T) {
			clearLibpqEnvironment(t)
			t.Setenv(variable, value)
			if _, err := postgreSQLConfig(parseURL(t, "postgres://h/shop")); err == nil {
				t.Error("no error")
			}
		})
	}
}

// libpq checks its default file of revoked certificates whenever it checks certificates.
func TestDefaultRevocationList(t *testing.T) {
	certificate, _ := clientCertificate(t, "p")
	for options, refused := range map[string]bool{
		"sslmode=verify-full": true, "sslmode=verify-ca": true, "sslrootcert=system": true, "sslmode=require&sslrootcert=" + certificate: true,
		"sslmode=require": false, "sslmode=prefer": false, "sslmode=disable": false, "host=/tmp&sslmode=verify-full": false,
	} {
		t.Run(options, func(t *testing.T) {
			clearLibpqEnvironment(t)
			home := t.TempDir()
			t.Setenv("HOME", home)
			url := "postgres://h/shop?" + options
			if strings.Contains(options, "host=") {
				url = "postgres:///shop?" + options
			}
			if _, err := postgreSQLConfig(parseURL(t, url)); err != nil {
				t.Fatal(err)
			}
			if err := os.Mkdir(filepath.Join(home, ".postgresql"), 0o700); err != nil {
				t.Fatal(err)
			}
			list := filepath.Join(home, ".postgresql", "root.crl")
			if err := os.WriteFile(list, []byte("-----BEGIN X509 CRL-----"), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := postgreSQLConfig(parseURL(t, url))
			if (err != nil) != refused {
				t.Fatalf("%v, want an error: %v", err, refused)
			}
			if refused && !strings.Contains(err.Error(), list) {
				t.Errorf("%v does not name the file", err)
			}
		})
	}
}
