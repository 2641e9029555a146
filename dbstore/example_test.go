package dbstore_test

import (
	"context"
	"fmt"
	"log"

	"github.com/jmoiron/sqlx"
	_ "modernc.org/sqlite"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/serializer"
)

// exampleDB is a database that Django has migrated.
func exampleDB() *sqlx.DB {
	db := sqlx.MustOpen("sqlite", ":memory:")
	db.SetMaxOpenConns(1) // each connection would have a memory of its own
	db.MustExec(`CREATE TABLE django_session (session_key varchar(40) PRIMARY KEY,
		session_data text NOT NULL, expire_date datetime NOT NULL)`)
	return db
}

func exampleSettings() django.Settings {
	settings := django.DefaultSettings()
	settings.SecretKey = "the SECRET_KEY of settings.py"
	settings.UseTZ = new(true) // SQLite keeps times without a zone
	return settings
}

// In a transaction of the caller's, the session takes effect with the commit.
func ExampleNew_transaction() {
	db := exampleDB()
	sessions, err := django.New(exampleSettings(), dbstore.New(db))
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	tx := db.MustBegin()
	defer tx.Rollback()
	inTx, err := sessions.With(dbstore.New(tx))
	if err != nil {
		log.Fatal(err)
	}
	s := inTx.NewSession()
	if err := s.Set("last_order", 7); err != nil {
		log.Fatal(err)
	}
	// django.ErrConflict would mean: roll back, and run the transaction again.
	if err := s.Save(ctx); err != nil {
		log.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		log.Fatal(err)
	}
	found, err := sessions.Load(ctx, s.Key())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(django.Value(found, "last_order", 0))
	// Output: 7 <nil>
}

// The session model of Django's documentation has a column account_id, which follows the login.
func ExampleWithExtraColumns() {
	db := exampleDB()
	db.MustExec("ALTER TABLE django_session ADD COLUMN account_id integer")
	sessions, err := django.New(exampleSettings(), dbstore.New(db, dbstore.WithExtraColumns(
		func(ctx context.Context, data *serializer.Dict) (map[string]any, error) {
			id, err := dbstore.UserID(data)
			return map[string]any{"account_id": id}, err
		})))
	if err != nil {
		log.Fatal(err)
	}
	s := sessions.NewSession()
	if err := s.Set("_auth_user_id", "42"); err != nil {
		log.Fatal(err)
	}
	if err := s.Save(context.Background()); err != nil {
		log.Fatal(err)
	}
	var account int
	if err := db.Get(&account, "SELECT account_id FROM django_session"); err != nil {
		log.Fatal(err)
	}
	fmt.Println(account)
	// Output: 42
}
