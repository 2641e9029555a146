package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/databaseurl"
	"github.com/djsession/djsession/internal/sitesettings"
	"github.com/djsession/djsession/internal/testenv"
)

var oddPasswords = []string{
	oddPassword, `'`, `"`, `\`, `\'`, `a\`, `%41`, `%`, "a\nb", "\t", ` a `, `$HOME${HOME}$(id)`, `{"a": 1}`, `é😀`, `@@/:@`, `?#&=;`, "`x`", `)`, `tcp(h)/`, `password='x'`,
}

// A user of a site's database logs in at the server by the DSN and by the URL of the settings
// file, whatever the password and the database's name are.
func TestOddPasswords(t *testing.T) {
	for _, server := range []*testenv.Server{testenv.PostgreSQL(t), testenv.MariaDB(t)} {
		admin := server.NewDatabase(t)
		db := sqlx.NewDb(admin.Connect(t), admin.Driver())
		entry := admin.Django(nil)
		const name = `db'%/?#@\é`
		postgres := admin.Vendor == testenv.PostgreSQLVendor
		engine, query, quote := "django.db.backends.mysql", "SELECT DATABASE()", "`"
		if postgres {
			engine, query, quote = "django.db.backends.postgresql", "SELECT current_database()", `"`
		}
		db.MustExec("CREATE DATABASE " + quote + name + quote)
		for i, password := range oddPasswords {
			user, literal := fmt.Sprintf("user%d", i), strings.ReplaceAll(password, "'", "''")
			if postgres {
				db.MustExec("CREATE ROLE " + user + " LOGIN PASSWORD '" + literal + "'")
			} else {
				db.MustExec("CREATE USER " + user + " IDENTIFIED BY '" + strings.ReplaceAll(literal, `\`, `\\`) + "'")
				db.MustExec("GRANT ALL ON *.* TO " + user)
			}
			for form, open := range connections(t, engine, name, user, password, fmt.Sprint(entry["HOST"]), fmt.Sprint(entry["PORT"])) {
				pool, err := open()
				if err != nil {
					t.Errorf("%v, %s, password %q: %v", admin.Vendor, form, password, err)
					continue
				}
				var got string
				if err := pool.Get(&got, query); err != nil || got != name {
					t.Errorf("%v, %s, password %q: database %q, %v", admin.Vendor, form, password, got, err)
				}
				_ = pool.Close()
			}
		}
	}
}

// connections returns functions that connect by the DSN and by the URL that a settings file
// has for an entry of DATABASES.
func connections(t *testing.T, engine, name, user, password, host, port string) map[string]func() (*sqlx.DB, error) {
	t.Helper()
	entry := "{'ENGINE': '" + engine + "'"
	for setting, value := range map[string]string{"NAME": name, "USER": user, "PASSWORD": password, "HOST": host, "PORT": port} {
		entry += ", '" + setting + "': " + pythonText(value)
	}
	dump, err := sitesettings.FromReport(map[string]string{
		"DJANGO_VERSION": "'5.2'", "SECRET_KEY": "'a'", "SESSION_ENGINE": "''", "SESSION_COOKIE_NAME": "''", "CSRF_COOKIE_NAME": "''", "USE_TZ": "True",
		"USE_X_FORWARDED_PORT": "False", "DATABASES": "{'default': " + entry + "}}",
	})
	if err != nil {
		t.Fatal(err)
	}
	file, err := sitesettings.Convert(dump, sitesettings.Options{})
	if err != nil {
		t.Fatal(err)
	}
	content, err := file.JSON()
	if err != nil {
		t.Fatal(err)
	}
	settings, err := django.ParseSettings(content)
	if err != nil {
		t.Fatal(err)
	}
	d := settings.Databases["default"]
	return map[string]func() (*sqlx.DB, error){
		"the DSN": func() (*sqlx.DB, error) { return sqlx.Open(d.Driver, d.DSN()) },
		"the URL": func() (*sqlx.DB, error) {
			parsed, err := databaseurl.Parse(d.URL())
			if err != nil {
				return nil, err
			}
			pool, driver, err := openPool(parsed, 1)
			return sqlx.NewDb(pool, driver), err
		},
	}
}

// No server is connected to with less protection than its settings ask for.
func TestProtectionOfADSN(t *testing.T) {
	server := testenv.MariaDB(t)
	admin := server.NewDatabase(t)
	host, port := admin.Django(nil)["HOST"].(string), 0
	if _, err := fmt.Sscan(admin.Django(nil)["PORT"].(string), &port); err != nil {
		t.Fatal(err)
	}
	d := databaseurl.Database{Engine: databaseurl.MySQL, Name: admin.Name, User: server.User, Password: server.Password, Host: host, Port: port}
	for _, options := range []map[string]string{{"ssl-ca": "/missing.pem"}, {"ssl-cert": "a", "ssl-key": "b"}, {"ssl_mode": "VERIFY_CA"}, {"ssl_mode": "VERIFY_IDENTITY"}, {"ssl_mode": "STRICT"}, {"ssl": "strict"}} {
		d.Options = options
		driver, dsn, _ := d.DSN()
		db := sqlx.MustOpen(driver, dsn)
		if err := db.Ping(); err == nil {
			t.Errorf("with %v, the DSN connects without a checked certificate", options)
		}
		_ = db.Close()
	}
	// Options that protect nothing leave a DSN that connects.
	for _, options := range []map[string]string{nil, {"isolation_level": "read committed"}, {"isolation_level": "serializable", "sql_mode": "TRADITIONAL,ANSI_QUOTES", "connect_timeout": "5"}, {"sql_mode": "a'b"}, {"connect_timeout": "soon"}, {"init_command": "SELECT 1"}} {
		d.Options = options
		driver, dsn, dropped := d.DSN()
		db := sqlx.MustOpen(driver, dsn)
		if err := db.Ping(); err != nil {
			t.Errorf("with %v, dropped %q: %v", options, dropped, err)
		}
		_ = db.Close()
	}
}
