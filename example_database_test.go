package djsession_test

import (
	"context"
	"fmt"
	"log"

	"github.com/jmoiron/sqlx"
	_ "modernc.org/sqlite"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
)

// Example_database shares the table django_session with a Django site. For PostgreSQL it
// is sqlx.Open("pgx", url), for MySQL and MariaDB sqlx.Open("mysql", dsn).
func Example_database() {
	db, err := sqlx.Open("sqlite", ":memory:") // the site's: file:db.sqlite3?mode=rw
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // each connection has a memory of its own
	// What manage.py migrate creates, and what a view of Django's stored.
	db.MustExec(`CREATE TABLE django_session (session_key varchar(40) PRIMARY KEY,
		session_data text NOT NULL, expire_date datetime NOT NULL)`)
	db.MustExec(`INSERT INTO django_session VALUES ('0wkdvr1fy9gpq2ac51imzvq3ds0whjxb',
		'eyJ2aXNpdHMiOjZ9:1vwfSq:5Li1qSXYnx2KKq-yoDV9OXwxvdWmiv-i0VqUyhTFrHI', '2999-01-01 00:00:00')`)

	settings := django.DefaultSettings()
	settings.SecretKey = "the SECRET_KEY of settings.py"
	settings.DjangoVersion = "6.1"
	settings.UseTZ = new(true) // USE_TZ; SQLite and MySQL store times without a zone
	sessions, err := django.New(settings, dbstore.New(db))
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	if err := sessions.Check(ctx); err != nil { // at start: the right database and key?
		log.Fatal(err)
	}

	s, err := sessions.Load(ctx, "0wkdvr1fy9gpq2ac51imzvq3ds0whjxb")
	if err != nil {
		log.Fatal(err)
	}
	visits, err := django.Value(s, "visits", 0)
	if err != nil {
		log.Fatal(err)
	}
	if err := s.Set("visits", visits+1); err != nil {
		log.Fatal(err)
	}
	if err := s.Save(ctx); err != nil { // Django reads 7 now
		log.Fatal(err)
	}
	fmt.Println(django.Value(s, "visits", 0))
	// Output: 7 <nil>
}
