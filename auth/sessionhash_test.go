package auth_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/memstore"
	"github.com/djsession/djsession/serializer"
)

// member is the user whose hashes testdata/sessionhash.py wrote.
var member = auth.User{ID: "7", Username: "ann", Password: "pbkdf2_sha256$1$salt$päss", Email: "ann@example.com", IsActive: true}.
	WithExtra(map[string]any{"session_token": "grün", "version": int64(7)})

type members struct{}

func (members) ByID(_ context.Context, id string) (auth.User, error) {
	if id != member.ID {
		return auth.User{}, auth.ErrNoUser
	}
	return member, nil
}
func (members) ByUsername(context.Context, string) (auth.User, error) { return member, nil }
func (members) ReadID(v serializer.Value) (string, bool)              { return auth.ReadText(v) }

// ownHashes are get_session_auth_hash of testdata/sessionhash.py in Go.
var ownHashes = map[string]func(auth.User, auth.HMAC) (string, error){
	"Member": nil,
	"OwnSalt": func(u auth.User, m auth.HMAC) (string, error) {
		return m.Salted("accounts.Member.get_session_auth_hash", u.Password), nil
	},
	"PasswordAndEmail": func(u auth.User, m auth.HMAC) (string, error) {
		return m.Salted(auth.SessionAuthHashSalt, u.Password+u.Email), nil
	},
	"PasswordAndToken": func(u auth.User, m auth.HMAC) (string, error) {
		token, errToken := auth.Column[string](u, "session_token")
		version, errVersion := auth.Column[int](u, "version")
		return m.Salted(auth.SessionAuthHashSalt, fmt.Sprintf("%s|%s|%d", u.Password, token, version)), errors.Join(errToken, errVersion)
	},
	"OldStyle": func(u auth.User, m auth.HMAC) (string, error) {
		return m.SaltedSHA1("accounts.Member", u.Password), nil
	},
	"TokenAlone": func(u auth.User, _ auth.HMAC) (string, error) { return auth.Column[string](u, "session_token") },
}

// TestOwnSessionHash: a model's own hash is accepted as Django wrote it, and written so; no
// other model's is.
func TestOwnSessionHash(t *testing.T) {
	files, err := filepath.Glob("testdata/sessionhash-*.json")
	if err != nil || len(files) < 6 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var g struct {
			Django string
			Hashes map[string]struct{ Current, Older string }
		}
		if err := json.Unmarshal(text, &g); err != nil {
			t.Fatal(err)
		}
		t.Run(g.Django, func(t *testing.T) {
			set := django.DefaultSettings()
			set.SecretKey, set.DjangoVersion, set.UseTZ = "a secret of the tests", g.Django, new(true)
			fallbacks := g.Django != "2.2" && g.Django != "3.2"
			if fallbacks {
				set.SecretKeyFallbacks = []string{"an older secret"}
			}
			sessions, err := django.New(set, memstore.New())
			if err != nil {
				t.Fatal(err)
			}
			for model, f := range ownHashes {
				var opts []auth.Option
				if f != nil {
					opts = append(opts, auth.WithSessionAuthHash(f))
				}
				logins, err := auth.New(sessions, members{}, opts...)
				if err != nil {
					t.Fatal(err)
				}
				session := sessions.NewSession()
				if err := logins.LoginSession(t.Context(), session, member); err != nil {
					t.Fatal(err)
				}
				if hash, err := django.Value(session, "_auth_user_hash", ""); err != nil || hash != g.Hashes[model].Current {
					t.Errorf("%s: %q, %v; Django writes %q", model, hash, err, g.Hashes[model].Current)
				}
				for other, hashes := range g.Hashes {
					for _, hash := range []string{hashes.Current, hashes.Older} {
						accepted := other == model && (hash == hashes.Current || fallbacks)
						mustSet(t, session, "_auth_user_hash", hash)
						v, err := logins.Inspect(t.Context(), session)
						if err != nil || v.User.IsAuthenticated() != accepted || v.Flush == accepted || v.Renew != (accepted && hash != hashes.Current) {
							t.Errorf("%s, a hash of %s: %+v, %v", model, other, v, err)
						}
					}
				}
			}
		})
	}
}

// TestOwnSessionHashFails: an error of the function is an error, and nothing is changed.
func TestOwnSessionHashFails(t *testing.T) {
	s := newSite(t, nil)
	key := s.withCart(t, "ann")
	broken := errors.New("no token")
	for _, c := range []struct {
		f    func(auth.User, auth.HMAC) (string, error)
		want string
	}{
		{func(auth.User, auth.HMAC) (string, error) { return "", broken }, broken.Error()},
		{func(auth.User, auth.HMAC) (string, error) { return "", nil }, "empty hash"},
		{func(u auth.User, m auth.HMAC) (string, error) { return auth.Column[string](u, "session_token") }, "WithExtraColumns"},
	} {
		s.open(t, auth.WithSessionAuthHash(c.f), auth.WithFlush())
		w := s.get(func(w http.ResponseWriter, r *http.Request) {
			u, err := s.logins.User(r)
			for name, err := range map[string]error{"User": err, "Login": s.logins.Login(r, s.user(t, "ann")), "UpdateSessionAuthHash": s.logins.UpdateSessionAuthHash(r, s.user(t, "ann"))} {
				if err == nil || !strings.Contains(err.Error(), c.want) || u.IsAuthenticated() {
					t.Errorf("%s: %v", name, err)
				}
			}
		}, key)
		if !s.exists(t, key) || len(w.Result().Cookies()) > 0 {
			t.Error("the session was changed")
		}
	}
}

// TestOwnSessionHashAtWork: with the model's token the hash of a real table.
func TestOwnSessionHashAtWork(t *testing.T) {
	s := newSite(t, nil, auth.WithSessionAuthHash(ownHashes["PasswordAndEmail"]), auth.WithFlush())
	key := s.withCart(t, "ann")
	asked := func() (name string) {
		s.get(func(w http.ResponseWriter, r *http.Request) {
			u, err := s.logins.User(r)
			if err != nil {
				t.Error(err)
			}
			name = u.Username
		}, key)
		return name
	}
	if asked() != "ann" {
		t.Error("ann is not logged in")
	}
	// One who knows nothing of it leaves the session alone, and so does the next.
	s.open(t)
	if asked() != "" || !s.exists(t, key) {
		t.Error("with Django's own hash")
	}
	s.open(t, auth.WithSessionAuthHash(ownHashes["PasswordAndEmail"]), auth.WithFlush())
	if asked() != "ann" {
		t.Error("ann's session was lost")
	}
	s.exec(t, "UPDATE auth_user SET email = 'new@example.com' WHERE id = 1")
	if asked() != "" || s.exists(t, key) {
		t.Error("ann is still logged in after her e-mail address was changed")
	}
}

// TestAbandonedSession: who is left with a new session may use it, under a key of its own,
// while the stored one stays.
func TestAbandonedSession(t *testing.T) {
	s := newSite(t, nil)
	key := s.withCart(t, "ann")
	before := s.load(t, key)
	s.exec(t, "UPDATE auth_user SET password = 'x' WHERE id = 1")
	w := s.get(func(w http.ResponseWriter, r *http.Request) {
		if u, err := s.logins.User(r); err != nil || u.IsAuthenticated() {
			t.Errorf("%v, %v", u, err)
		}
		session, err := s.sessions.Get(r)
		if err != nil || session.Has("cart") {
			t.Errorf("the old cart is shown: %v", err)
		}
		mustSet(t, session, "cart", 5)
	}, key)
	if newKey(w) == "" || newKey(w) == key {
		t.Fatal("no session of its own")
	}
	if session := s.load(t, newKey(w)); session.Len() != 1 {
		t.Errorf("the new session has %d values", session.Len())
	}
	after := s.load(t, key)
	for name := range before.Keys() {
		was, _ := before.Get(name)
		if is, ok := after.Get(name); !ok || string(is.Bytes()) != string(was.Bytes()) {
			t.Errorf("%s was changed", name)
		}
	}
	log := s.log.String()
	holds(t, log, "level=WARN", "login was not accepted", "method=GET", "path=/page/", "get_session_auth_hash")
	if strings.Contains(log, key) || strings.Contains(log, "ann") {
		t.Errorf("logged %s", log)
	}
}

// TestHMACKeepsTheSecret: however it is printed.
func TestHMACKeepsTheSecret(t *testing.T) {
	var log strings.Builder
	printed := ""
	s := newSite(t, nil, auth.WithSessionAuthHash(func(u auth.User, m auth.HMAC) (string, error) {
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "hmac", m)
		printed = fmt.Sprintf("%v %+v %#v %+v", m, m, m, &m)
		return m.Salted("x", u.Password), nil
	}))
	s.login(t, "ann")
	if text := printed + log.String(); printed == "" || strings.Contains(text, s.settings.SecretKey) {
		t.Error(text)
	}
}

// TestHashColumnMissingForAMoment: while a migration renames the column that a hash is made
// of, requests fail and no session is lost; then everybody is logged in as before.
func TestHashColumnMissingForAMoment(t *testing.T) {
	s := newSite(t, nil)
	s.exec(t, "UPDATE auth_user SET email = 'ann@example.com' WHERE id = 1")
	table, err := usertable.Open(s.db, s.sessions, usertable.WithExtraColumns("email"))
	if err != nil {
		t.Fatal(err)
	}
	s.withUsers(t, table, auth.WithSessionAuthHash(ownHashes["PasswordAndEmail"]), auth.WithFlush())
	key := s.withCart(t, "ann")
	asked := func() (u auth.User, err error) {
		s.get(func(w http.ResponseWriter, r *http.Request) { u, err = s.logins.User(r) }, key)
		return u, err
	}
	s.exec(t, "ALTER TABLE auth_user RENAME COLUMN email TO old_email")
	if u, err := asked(); err == nil {
		t.Errorf("without the column: %v", u)
	}
	s.exec(t, "ALTER TABLE auth_user RENAME COLUMN old_email TO email")
	if u, err := asked(); err != nil || u.Username != "ann" || !s.exists(t, key) {
		t.Errorf("with the column again: %v, %v; the session is stored: %t", u, err, s.exists(t, key))
	}
}
