package usertable_test

import (
	"context"
	"fmt"
	"log"

	"github.com/jmoiron/sqlx"
	_ "modernc.org/sqlite"

	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
)

// A custom user model with a UUID as its key and an e-mail address as its user name,
// in a database that Django has migrated.
func ExampleOpen() {
	db := sqlx.MustOpen("sqlite", ":memory:")
	defer db.Close()
	db.SetMaxOpenConns(1) // each connection would have a memory of its own
	db.MustExec(`CREATE TABLE accounts_member (id char(32) PRIMARY KEY, email varchar(254) NOT NULL UNIQUE,
		password varchar(128) NOT NULL, last_login datetime NULL, is_active bool NOT NULL)`)
	db.MustExec(`INSERT INTO accounts_member VALUES ('5f0c1d9e98ab4cde8f0123456789abcd', 'ann@example.com', '!', NULL, true)`)

	settings := django.DefaultSettings()
	settings.SecretKey = "the site's"
	settings.UseTZ = new(true) // SQLite keeps times without a zone
	sessions, err := django.New(settings, dbstore.New(db))
	if err != nil {
		log.Fatal(err)
	}
	users, err := usertable.Open(db, sessions,
		usertable.WithTable("accounts_member"),
		usertable.WithModel("member"),
		usertable.WithKey(usertable.UUID),
		usertable.WithColumns(usertable.Columns{
			ID: "id", Username: "email", Password: "password", LastLogin: "last_login", IsActive: "is_active",
		}))
	if err != nil {
		log.Fatal(err)
	}
	u, err := users.ByUsername(context.Background(), "ann@example.com")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(u.ID, u.IsActive, u.LastLogin.IsZero())
	// Output: 5f0c1d9e-98ab-4cde-8f01-23456789abcd true true
}
