package databaseurl

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"reflect"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	type options = map[string]string
	for _, test := range []struct {
		url  string
		want Database
	}{
		{"postgres://u:p@h:5433/shop", Database{Engine: PostgreSQL, User: "u", Password: "p", Host: "h", Port: 5433, Name: "shop"}},
		{"postgresql://u@h/shop", Database{Engine: PostgreSQL, User: "u", Host: "h", Name: "shop"}},
		{"pgsql://h/shop", Database{Engine: PostgreSQL, Host: "h", Name: "shop"}},
		{"postgis:///shop", Database{Engine: PostgreSQL, Name: "shop"}},
		{"timescale://h/shop", Database{Engine: PostgreSQL, Host: "h", Name: "shop"}},
		{"timescalegis://h/shop", Database{Engine: PostgreSQL, Host: "h", Name: "shop"}},
		{"postgres://", Database{Engine: PostgreSQL}},
		{"POSTGRES://h/Shop", Database{Engine: PostgreSQL, Host: "h", Name: "Shop"}},
		{"  postgres://h/sh\nop", Database{Engine: PostgreSQL, Host: "h", Name: "shop"}},
		{"postgres://h/shop#fragment", Database{Engine: PostgreSQL, Host: "h", Name: "shop"}},
		{"postgres://h:/shop", Database{Engine: PostgreSQL, Host: "h", Name: "shop"}},
		{"postgres://h:0/shop", Database{Engine: PostgreSQL, Host: "h", Name: "shop"}},

		// Percent-encoding, in every part.
		{"postgres://%C3%BC%3A:p%40%2F%3Fw%25@h/my%20shop", Database{Engine: PostgreSQL, User: "ü:", Password: "p@/?w%", Host: "h", Name: "my shop"}},
		{"postgres://u:a%zz%2@h/50%", Database{Engine: PostgreSQL, User: "u", Password: "a%zz%2", Host: "h", Name: "50%"}},
		{"postgres://u:p@w@h/shop", Database{Engine: PostgreSQL, User: "u", Password: "p@w", Host: "h", Name: "shop"}},
		{"postgres://u:p:w@h/shop", Database{Engine: PostgreSQL, User: "u", Password: "p:w", Host: "h", Name: "shop"}},
		{"postgres://u:p+w@h/a+b", Database{Engine: PostgreSQL, User: "u", Password: "p+w", Host: "h", Name: "a+b"}},

		// Hosts.
		{"postgres://DB.Example.COM/shop", Database{Engine: PostgreSQL, Host: "db.example.com", Name: "shop"}},
		{"postgres://u@%2Fvar%2FRun%2Fpg/shop", Database{Engine: PostgreSQL, User: "u", Host: "/var/Run/pg", Name: "shop"}},
		{"postgres://%2Ftmp:5433/shop", Database{Engine: PostgreSQL, Host: "/tmp", Port: 5433, Name: "shop"}},
		{"postgres://u:p@[2001:DB8::1]:5433/shop", Database{Engine: PostgreSQL, User: "u", Password: "p", Host: "2001:db8::1", Port: 5433, Name: "shop"}},
		{"postgres://[::1]/shop", Database{Engine: PostgreSQL, Host: "::1", Name: "shop"}},
		{"postgres://u:a[b]c@[::1]/shop", Database{Engine: PostgreSQL, User: "u", Password: "a[b]c", Host: "::1", Name: "shop"}},
		{"postgres://[fe80::1%eth0]/shop", Database{Engine: PostgreSQL, Host: "fe80::1%eth0", Name: "shop"}},
		{"mysql://u:p@%2Frun%2Fmysqld.sock/shop", Database{Engine: MySQL, User: "u", Password: "p", Host: "/run/mysqld.sock", Name: "shop"}},

		// Options.
		{"postgres://h/shop?sslmode=require&application_name=a+b%26c", Database{Engine: PostgreSQL, Host: "h", Name: "shop", Options: options{"sslmode": "require", "application_name": "a b&c"}}},
		{"postgres://h/shop?sslmode=&novalue&=x", Database{Engine: PostgreSQL, Host: "h", Name: "shop", Options: options{"": "x"}}},
		{"postgres:///shop?user=me@corp&host=h", Database{Engine: PostgreSQL, Name: "shop", Options: options{"user": "me@corp", "host": "h"}}},
		{"postgres://u@h/shop?user=me@corp", Database{Engine: PostgreSQL, User: "u", Host: "h", Name: "shop", Options: options{"user": "me@corp"}}},
		{"postgres://h/sh%40p?user=me%40corp", Database{Engine: PostgreSQL, Host: "h", Name: "sh@p", Options: options{"user": "me@corp"}}},
		{"sqlite://localhost/a@b.db", Database{Engine: SQLite, Host: "localhost", Name: "a@b.db"}},
		{"postgres://h/shop?a=b/c?d", Database{Engine: PostgreSQL, Host: "h", Name: "shop", Options: options{"a": "b/c?d"}}},
		{"postgres://h#/shop?a=b", Database{Engine: PostgreSQL, Host: "h"}},
		{"postgres://h?sslmode=require", Database{Engine: PostgreSQL, Host: "h", Options: options{"sslmode": "require"}}},
		{"postgres://h/shop?options=-c%20search_path%3Da%3Db", Database{Engine: PostgreSQL, Host: "h", Name: "shop", Options: options{"options": "-c search_path=a=b"}}},
		{"mysql2://h/shop?unix_socket=/run/my.sock&ssl-ca=/etc/ca.pem", Database{Engine: MySQL, Host: "h", Name: "shop", Options: options{"unix_socket": "/run/my.sock", "ssl-ca": "/etc/ca.pem"}}},
		{"mysqlgis://h/shop", Database{Engine: MySQL, Host: "h", Name: "shop"}},
		{"mysql-connector://h/shop", Database{Engine: MySQL, Host: "h", Name: "shop"}},

		// SQLite.
		{"sqlite:///rel.db", Database{Engine: SQLite, Name: "rel.db"}},
		{"sqlite:///../a b/rel.db", Database{Engine: SQLite, Name: "../a b/rel.db"}},
		{"sqlite:////abs/db.sqlite3", Database{Engine: SQLite, Name: "/abs/db.sqlite3"}},
		{"sqlite:////abs/a%3Fb%23c%25.db?timeout=20", Database{Engine: SQLite, Name: "/abs/a?b#c%.db", Options: options{"timeout": "20"}}},
		{"sqlite://:memory:", Database{Engine: SQLite, Name: InMemory}},
		{"sqlite:///:memory:", Database{Engine: SQLite, Name: InMemory}},
		{"sqlite://", Database{Engine: SQLite, Name: InMemory}},
		{"sqlite://rel.db", Database{Engine: SQLite, Host: "rel.db", Name: InMemory}},
		{"spatialite:////abs.db", Database{Engine: SQLite, Name: "/abs.db"}},
	} {
		got, err := Parse(test.url)
		if err != nil {
			t.Errorf("Parse(%q): %v", test.url, err)
			continue
		}
		if !same(got, test.want) {
			t.Errorf("Parse(%q)\n got %s\nwant %s", test.url, details(got), details(test.want))
		}
	}
}

func same(a, b Database) bool {
	optionsA, optionsB := a.Options, b.Options
	a.Options, b.Options = nil, nil
	return reflect.DeepEqual(a, b) && maps.Equal(optionsA, optionsB)
}

// details spells out what printing a Database leaves out.
func details(d Database) string {
	type plain Database // without methods
	return fmt.Sprintf("%+v", plain(d))
}

func TestParseErrors(t *testing.T) {
	for _, test := range []struct {
		url  string
		want error
	}{
		{"", ErrNoScheme},
		{"rel.db", ErrNoScheme},
		{"sqlite:rel.db", ErrNoScheme},
		{"sqlite:/abs.db", ErrNoScheme},
		{"/abs.db", ErrNoScheme},
		{"user:s3cret@host/shop", ErrNoScheme},
		{"user:s3cret@host://shop", ErrNoScheme},
		{"://u:s3cret@host/shop", ErrNoScheme},
		{"1postgres://u:s3cret@h/shop", ErrNoScheme},
		{"post gres://u:s3cret@h/shop", ErrNoScheme},
		{"postgres://u:s3cret@h:54x/shop", ErrPort},
		{"postgres://u:s3cret@h:65536/shop", ErrPort},
		{"postgres://u:s3cret@h:-1/shop", ErrPort},
		{"postgres://u:s3cret@h:99999999999999999999/shop", ErrPort},
		{"postgres://u:s3cret@h:1:2/shop", ErrPort},
		{"postgres://u:s3/cret@h/shop", ErrPort}, // a slash that was not encoded
		{"postgres://u:s3[cret@h/shop", ErrHost},
		{"postgres://u:s3cret@[h]/shop", ErrHost},
		{"postgres://u:s3cret@[127.0.0.1]/shop", ErrHost},
		{"postgres://u:s3cret@[::1]x/shop", ErrHost},
		{"postgres://u:s3cret@[::1/shop", ErrHost},
		{"postgres://u:s3cret@x[::1]/shop", ErrHost},
		{"postgres://u:s3cret@h/shop?a=1&a=2", ErrRepeated},
		// Characters in the password that end it.
		{"postgres://u:12?s3cret=x@h/shop", ErrAt},
		{"mysql://u:12?s3cret@h/shop", ErrAt},
		{"postgres://u:12/s3cret@h/shop", ErrAt},
		{"postgres://u:12#s3cret@h/shop", ErrAt},
		{"postgres://u:?s3cret@h/shop", ErrAt},
		{"postgres://u?s3cret@h/shop", ErrAt},
	} {
		got, err := Parse(test.url)
		if !errors.Is(err, test.want) {
			t.Errorf("Parse(%q) = %v, want %v", test.url, err, test.want)
		}
		if !same(got, Database{}) {
			t.Errorf("Parse(%q) gives a database beside its error", test.url)
		}
		if err != nil && strings.Contains(err.Error(), "cret") {
			t.Errorf("Parse(%q) tells the password: %v", test.url, err)
		}
	}
}

func TestParseUnknownScheme(t *testing.T) {
	for scheme, hint := range map[string]string{
		"mariadb": "write mysql://", "oracle": "not supported", "mssql": "not supported",
		"cockroach": "not supported", "redshift": "not supported", "http": "unknown", "postgress": "unknown",
	} {
		_, err := Parse(scheme + "://u:s3cret@h/shop")
		unknown, ok := errors.AsType[*SchemeError](err)
		if !ok || unknown.Scheme != scheme {
			t.Errorf("Parse of %s:// = %v, want a SchemeError for it", scheme, err)
			continue
		}
		if text := err.Error(); !strings.Contains(text, hint) || strings.Contains(text, "s3cret") {
			t.Errorf("Parse of %s:// says %q, want %q in it and no password", scheme, text, hint)
		}
	}
}

// However it is printed, a Database keeps its password and options to itself.
func TestDatabaseKeepsItsSecrets(t *testing.T) {
	d, err := Parse("postgres://u:s3cret@db.example.com:5433/shop?sslpassword=s3cret")
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("opening", "database", d)
	for _, text := range []string{fmt.Sprint(d), fmt.Sprintf("%+v", d), fmt.Sprintf("%#v", d), fmt.Sprintf("%+v", &d), log.String()} {
		if strings.Contains(text, "s3cret") {
			t.Errorf("the password is in %q", text)
		}
		for _, part := range []string{"PostgreSQL", "shop", "db.example.com", "5433"} {
			if !strings.Contains(text, part) {
				t.Errorf("%q does not name %s", text, part)
			}
		}
	}
}

func TestAddress(t *testing.T) {
	for url, want := range map[string]string{
		"mysql://h/shop":        "h:3306",
		"mysql://h:3307/shop":   "h:3307",
		"mysql://[::1]/shop":    "[::1]:3306",
		"mysql://[::1]:33/shop": "[::1]:33",
	} {
		d, err := Parse(url)
		if err != nil {
			t.Fatal(err)
		}
		if got := d.Address(3306); got != want {
			t.Errorf("Address of %s = %q, want %q", url, got, want)
		}
	}
}
