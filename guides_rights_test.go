package djsession

import (
	"context"
	"database/sql"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// needsItsRights shows that the database user of docs/embedding.md needs each right that the
// page lists for a purpose, in its order, and no others.
func needsItsRights(t *testing.T, db *testenv.Database, at string) {
	t.Helper()
	admin := db.Connect(t)
	const member = "INSERT INTO auth_user (username, password, is_superuser, first_name, last_name, email, is_staff, is_active, date_joined) " +
		"VALUES ('bob', '!', false, '', '', '', false, true, now())"
	if _, err := admin.ExecContext(t.Context(), member); err != nil {
		t.Fatal(err)
	}
	orders := sqlx.MustOpen("pgx", "postgres://orders:of%20orders@"+at)
	defer orders.Close()
	settings := django.DefaultSettings()
	settings.SecretKey = "of the test"
	sessions, users, logins := openSite(t, settings, orders)
	bob, err := users.ByUsername(t.Context(), "bob")
	if err != nil {
		t.Fatal(err)
	}
	bob.Backend = "django.contrib.auth.backends.ModelBackend"
	mustNotSave(t, settings, admin, orders)
	purposes := []func(context.Context) error{
		func(ctx context.Context) error {
			_, err := logins.UserHasPerm(ctx, bob, "auth.view_user")
			return err
		},
		func(ctx context.Context) error {
			s := sessions.NewSession()
			for _, n := range []int{1, 2} { // INSERT, then UPDATE
				if err := s.Set("n", n); err != nil {
					return err
				}
				if err := s.Save(ctx); err != nil {
					return err
				}
			}
			return sessions.Delete(ctx, s.Key())
		},
		func(ctx context.Context) error {
			s := sessions.NewSession()
			if err := logins.LoginSession(ctx, s, bob); err != nil {
				return err
			}
			return s.Save(ctx)
		},
		func(ctx context.Context) error {
			_, err := logins.SetPassword(ctx, bob, "open sesame")
			return err
		},
	}
	grants := regexp.MustCompile("\\| `(GRANT [^`]+)` \\|").FindAllStringSubmatch(pages(t)["docs/embedding.md"], -1)
	if len(grants) != len(purposes) {
		t.Fatalf("the page lists %d rights, want %d", len(grants), len(purposes))
	}
	for i, purpose := range purposes {
		if err := purpose(t.Context()); err == nil {
			t.Errorf("without %s: no error", grants[i][1])
		}
		if _, err := admin.ExecContext(t.Context(), grants[i][1]+" TO orders"); err != nil {
			t.Fatal(err)
		}
		if err := purpose(t.Context()); err != nil {
			t.Errorf("with %s: %v", grants[i][1], err)
		}
	}
}

// mustNotSave: with SELECT alone, SESSION_SAVE_EVERY_REQUEST makes every answer a 503.
func mustNotSave(t *testing.T, settings django.Settings, admin *sql.DB, orders *sqlx.DB) {
	t.Helper()
	all, err := django.New(settings, dbstore.New(sqlx.NewDb(admin, "pgx")))
	if err != nil {
		t.Fatal(err)
	}
	created := all.NewSession()
	if err = created.Set("n", 1); err == nil {
		err = created.Save(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	for every, want := range map[bool]int{false: http.StatusOK, true: http.StatusServiceUnavailable} {
		settings.SessionSaveEveryRequest = every
		sessions, err := django.New(settings, dbstore.New(orders), django.WithLogger(slog.New(slog.DiscardHandler)))
		if err != nil {
			t.Fatal(err)
		}
		h := sessions.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if s, err := sessions.Get(r); err != nil || !s.Has("n") {
				t.Errorf("the session is not there: %v", err)
			}
		}))
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.AddCookie(&http.Cookie{Name: settings.SessionCookieName, Value: created.Key()})
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("with SESSION_SAVE_EVERY_REQUEST = %t: %d, want %d", every, w.Code, want)
		}
	}
}
