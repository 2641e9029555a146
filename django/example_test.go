package django_test

import (
	"fmt"
	"log"
	"time"

	"github.com/jmoiron/sqlx"
	_ "modernc.org/sqlite"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
)

// exampleDB is a database that Django has migrated.
func exampleDB() *sqlx.DB {
	db := sqlx.MustOpen("sqlite", ":memory:")
	db.SetMaxOpenConns(1)
	db.MustExec(`CREATE TABLE django_session (session_key varchar(40) PRIMARY KEY,
		session_data text NOT NULL, expire_date datetime NOT NULL)`)
	return db
}

func ExampleNew() {
	settings := django.DefaultSettings() // Django's own defaults, field by field
	settings.SecretKey = "the SECRET_KEY of settings.py"
	settings.UseTZ = new(true)

	sessions, err := django.New(settings, dbstore.New(exampleDB()))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(sessions.Settings().SessionCookieName, sessions.Settings().SessionCookieAge)
	// Output: sessionid 1209600
}

// exampleSessions are the sessions of the examples' site.
func exampleSessions() *django.Sessions {
	settings := django.DefaultSettings()
	settings.SecretKey = "the SECRET_KEY of settings.py"
	settings.UseTZ = new(true)
	sessions, err := django.New(settings, dbstore.New(exampleDB()))
	if err != nil {
		log.Fatal(err)
	}
	return sessions
}

func ExampleValue() {
	s := exampleSessions().NewSession()
	s.Set("visits", 7)
	s.Set("name", "Zoë")

	visits, err := django.Value(s, "visits", 0)
	fmt.Println(visits, err)
	color, err := django.Value(s, "color", "blue")
	fmt.Println(color, err)
	_, err = django.Value(s, "name", 0)
	fmt.Println(err != nil) // a string is no int; the error names the key
	// Output:
	// 7 <nil>
	// blue <nil>
	// true
}

func ExamplePop() {
	s := exampleSessions().NewSession()
	s.Set("message", "saved")
	for range 2 {
		message, err := django.Pop(s, "message", "none")
		fmt.Println(message, err)
	}
	// Output:
	// saved <nil>
	// none <nil>
}

func ExampleSession_Items() {
	s := exampleSessions().NewSession()
	s.Set("z", 1)
	s.Set("a", 1.0)
	for key, value := range s.Items() {
		fmt.Printf("%s = %s\n", key, value.Bytes())
	}
	// Output:
	// z = 1
	// a = 1.0
}

func ExampleSession_SetExpiry() {
	s := exampleSessions().NewSession()
	s.SetExpiry(0)
	fmt.Println(s.ExpireAtBrowserClose())
	s.SetExpiry(time.Hour)
	fmt.Println(s.ExpireAtBrowserClose())
	fmt.Println(s.ExpiryAge())
	// Output:
	// true
	// false
	// 1h0m0s <nil>
}
