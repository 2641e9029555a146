package otelsession_test

import (
	"log/slog"
	"os"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/otelsession"
)

// openSessions opens a site's sessions with everything that can be seen of them.
func openSessions(settings django.Settings, db *sqlx.DB) (*django.Sessions, error) {
	observer, err := otelsession.New() // the providers of otel.SetTracerProvider and SetMeterProvider
	if err != nil {
		return nil, err
	}
	logger := slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	return django.New(settings, dbstore.New(db), django.WithObserver(observer), django.WithLogger(logger))
}

func Example() {
	settings := django.DefaultSettings()
	settings.SecretKey = "the SECRET_KEY of settings.py"
	settings.UseTZ = new(true)
	sessions, err := openSessions(settings, sqlx.MustOpen("sqlite", "file:db.sqlite3?mode=rw"))
	if err != nil {
		panic(err)
	}
	_ = sessions // serve sessions.Middleware(mux) inside the middleware that makes the requests' spans
	// Output:
}
