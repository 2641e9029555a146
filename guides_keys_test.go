package djsession

import (
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/djangotest"
	"github.com/djsession/djsession/internal/testenv"
)

// keySteps are SECRET_KEY and SECRET_KEY_FALLBACKS before the change in docs/migrating.md, and
// after each of its steps.
var keySteps = []struct{ key, fallback string }{{"old", ""}, {"old", "new"}, {"new", "old"}, {"new", ""}}

// TestMigratingKeys: while one side is a step behind the other, each accepts the other's
// logins; two steps are too many.
func TestMigratingKeys(t *testing.T) {
	t.Parallel()
	newest := testenv.NewestDjango(t)
	site := newReadmeSite(t, newest)
	site.migrate("'ada', ''")
	site.addSettings("import os\nSECRET_KEY = os.environ['NOW']\nSECRET_KEY_FALLBACKS = os.environ['BEFORE'].split()")
	for theirs, step := range keySteps {
		project := djangotest.Manage(t, filepath.Join(site.mysite(), "manage.py"), djangotest.WithPython(newest.Python),
			djangotest.WithEnv("NOW="+step.key, "BEFORE="+step.fallback))
		for ours := range keySteps {
			t.Run(fmt.Sprint(theirs, ours), func(t *testing.T) {
				accepts := acceptEachOther(t, project, ours)
				if apart := max(theirs-ours, ours-theirs); accepts != (apart < 2) {
					t.Errorf("Django is at step %d and Go at step %d: they accept each other's logins: %t", theirs, ours, accepts)
				}
			})
		}
	}
}

// openSite opens the sessions, users and logins of a site.
func openSite(t *testing.T, settings django.Settings, db *sqlx.DB, opts ...django.Option) (*django.Sessions, *usertable.Table, *auth.Logins) {
	t.Helper()
	sessions, err := django.New(settings, dbstore.New(db), opts...)
	if err != nil {
		t.Fatal(err)
	}
	users, err := usertable.Open(db, sessions)
	if err != nil {
		t.Fatal(err)
	}
	logins, err := auth.New(sessions, users)
	if err != nil {
		t.Fatal(err)
	}
	return sessions, users, logins
}

// acceptEachOther reports whether Django accepts a login that Go makes with the keys of a step,
// and Go one that Django makes.
func acceptEachOther(t *testing.T, project *djangotest.Project, step int) bool {
	t.Helper()
	settings := project.Settings(t)
	settings.SecretKey, settings.SecretKeyFallbacks = keySteps[step].key, nil
	if fallback := keySteps[step].fallback; fallback != "" {
		settings.SecretKeyFallbacks = []string{fallback}
	}
	database := settings.Databases["default"]
	db := sqlx.MustOpen(database.Driver, database.DSN())
	defer db.Close()
	sessions, users, logins := openSite(t, settings, db, django.WithLogger(slog.New(slog.DiscardHandler)))

	theirs, err := sessions.Load(t.Context(), project.Login(t, "ada"))
	if errors.Is(err, django.ErrCorrupt) { // signed with a key that is not known here
		return false
	}
	if err != nil {
		t.Fatal(err)
	}
	user, err := logins.SessionUser(t.Context(), theirs)
	if err != nil {
		t.Fatal(err)
	}
	ada, err := users.ByUsername(t.Context(), "ada")
	if err != nil {
		t.Fatal(err)
	}
	ours := sessions.NewSession()
	if err = logins.LoginSession(t.Context(), ours, ada); err == nil {
		err = ours.Save(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	return user.Username == "ada" && project.User(t, ours.Key()) == "ada"
}
