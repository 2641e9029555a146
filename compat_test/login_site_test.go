package compat

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/hashers"
	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// cheapHasher is a hasher with which logging in costs next to nothing. Both sides use it
// with these parameters.
const cheapHasher = "accounts.hashers.PBKDF2"

var cheapParameters = hashers.PBKDF2SHA256{Iterations: 1000}

// userModel is a user model: its name in Django, and Go's options for it.
type userModel struct {
	name    string
	options []usertable.Option
}

var (
	djangosUser = userModel{"auth.User", nil}
	// account has a UUID as its key and an e-mail address as its username.
	account = userModel{"accounts.Account", []usertable.Option{
		usertable.WithTable("shop_customer"), usertable.WithModel("account"), usertable.WithKey(usertable.UUID),
		usertable.WithColumns(usertable.Columns{ID: "account_no", Username: "mail", Password: "secret", IsActive: "enabled",
			LastLogin: "last_login", IsSuperuser: "is_superuser"})}}
	// member has text as its key, and no flags.
	member = userModel{"accounts.Member", []usertable.Option{
		usertable.WithTable("accounts_member"), usertable.WithModel("member"), usertable.WithKey(usertable.Text),
		usertable.WithColumns(usertable.Columns{ID: "code", Username: "username", Password: "password", LastLogin: "last_login"})}}
)

// loginSettings are a site's settings for Django and for Go.
type loginSettings struct {
	django map[string]any
	change func(*django.Settings)
	engine django.Engine // nil is the database
}

// loginSite is a site with users that both sides serve.
type loginSite struct {
	*cell
	settings map[string]any
	sessions *django.Sessions
	users    *usertable.Table
	logins   *auth.Logins
	server   *httptest.Server
}

// newLoginSite opens a site in Go. At Django the model must be in use.
func newLoginSite(t *testing.T, c *cell, model userModel, s loginSettings, opts ...django.Option) *loginSite {
	t.Helper()
	site := &loginSite{cell: c, settings: map[string]any{"PASSWORD_HASHERS": []string{cheapHasher}}}
	maps.Copy(site.settings, s.django)
	set := c.sessions.Settings()
	set.PasswordHashers = []string{cheapHasher}
	if s.change != nil {
		s.change(&set)
	}
	if s.engine == nil {
		s.engine = dbstore.New(c.db)
	}
	var err error
	quiet := slog.New(slog.DiscardHandler) // errors are expected
	// Django's behavior, with which the journeys compare.
	if site.sessions, err = django.New(set, s.engine, append(opts, django.WithUnreadableAsEmpty(), django.WithLogger(quiet))...); err != nil {
		t.Fatal(err)
	}
	if site.users, err = usertable.Open(c.db, site.sessions, model.options...); err != nil {
		t.Fatal(err)
	}
	h, err := hashers.New(hashers.Options{DjangoVersion: set.DjangoVersion, PasswordHashers: set.PasswordHashers,
		Parameters: map[string]hashers.Parameters{cheapHasher: cheapParameters}, Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	if site.logins, err = auth.New(site.sessions, site.users, auth.WithHashers(h), auth.WithLogger(quiet), auth.WithFlush()); err != nil {
		t.Fatal(err)
	}
	site.server = httptest.NewServer(site.sessions.Middleware(site.logins.Middleware(http.HandlerFunc(site.view))))
	t.Cleanup(site.server.Close)
	return site
}

// ask is testenv.Ask under the site's settings.
func ask[Result any](t *testing.T, s *loginSite, method string, args testenv.Args) Result {
	t.Helper()
	args["settings"] = s.settings
	return testenv.Ask[Result](t, s.worker, method, args)
}

// step is an instruction for a view: a name in python/logins.py, or below, and its
// arguments.
type step []any

// visit is a request by a browser with a session key, or none.
type visit struct {
	SessionKey string `json:"session_key"`
	Steps      []step `json:"steps"`
}

// visited is the result of a visit: the browser's key afterwards, and the result of each
// step.
type visited struct {
	SessionKey string `json:"session_key"`
	Results    []any  `json:"results"`
}

// atDjango sends visits to Django.
func (s *loginSite) atDjango(t *testing.T, visits []visit) []visited {
	t.Helper()
	if len(visits) == 0 {
		return nil
	}
	return ask[[]visited](t, s, "visit_many", testenv.Args{"visits": visits})
}

// atGo sends visits to Go, over HTTP.
func (s *loginSite) atGo(t *testing.T, visits []visit) []visited {
	t.Helper()
	answers := make([]visited, len(visits))
	for i, v := range visits {
		answers[i].SessionKey = v.SessionKey
		body, err := json.Marshal(v.Steps)
		if err != nil {
			t.Fatal(err)
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.server.URL, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if v.SessionKey != "" {
			r.AddCookie(&http.Cookie{Name: "sessionid", Value: v.SessionKey})
		}
		response, err := s.server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil || response.StatusCode != http.StatusOK {
			t.Fatalf("Go answers %d %s to %v (%v)", response.StatusCode, text, v.Steps, err)
		}
		if err := json.Unmarshal(text, &answers[i].Results); err != nil {
			t.Fatal(err)
		}
		for _, cookie := range response.Cookies() {
			if cookie.Name == "sessionid" {
				answers[i].SessionKey = cookie.Value
			}
		}
	}
	return answers
}

func (s *loginSite) view(w http.ResponseWriter, r *http.Request) {
	var steps []step
	err := json.NewDecoder(r.Body).Decode(&steps)
	results := make([]any, len(steps))
	for i := 0; i < len(steps) && err == nil; i++ {
		results[i], err = s.do(r, steps[i])
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	_ = json.NewEncoder(w).Encode(results)
}

func (s *loginSite) do(r *http.Request, step step) (any, error) {
	argument := func(i int) string { return step[i].(string) }
	session, err := s.sessions.Get(r)
	if err != nil {
		return nil, err
	}
	switch name := argument(0); name {
	case "who":
		u, err := s.logins.User(r)
		if err != nil || !u.IsAuthenticated() {
			return nil, err
		}
		return u.Username, nil
	case "log in":
		u, err := s.logins.Authenticate(r.Context(), argument(1), argument(2))
		if errors.Is(err, auth.ErrCredentials) {
			return false, nil
		}
		if err != nil {
			return nil, err
		}
		return true, s.logins.Login(r, u)
	case "log out":
		return nil, s.logins.Logout(r)
	case "set":
		return nil, session.Set(argument(1), step[2])
	case "get":
		return django.Value[any](session, argument(1), nil)
	case "has perms":
		var has []bool
		for _, perm := range step[1].([]any) {
			ok, err := s.logins.HasPerm(r, perm.(string))
			if err != nil {
				return nil, err
			}
			has = append(has, ok)
		}
		return has, nil
	case "change own password":
		u, err := s.logins.User(r)
		if err == nil {
			_, err = s.logins.ChangePassword(r, u, argument(1))
		}
		return nil, err
	case "set password":
		u, err := s.users.ByUsername(r.Context(), argument(1))
		if err == nil {
			_, err = s.logins.SetPassword(r.Context(), u, argument(2))
		}
		return nil, err
	default:
		return nil, fmt.Errorf("no step %q", name)
	}
}

// use sets the user model of Django's site for the rest of the test.
func (m userModel) use(t *testing.T, c *cell) {
	t.Helper()
	if m.name == djangosUser.name {
		return
	}
	testenv.Tell(t, c.worker, "use_user_model", testenv.Args{"name": m.name})
	t.Cleanup(func() { testenv.Tell(t, c.worker, "use_user_model", testenv.Args{"name": djangosUser.name}) })
}

// prepareUsers makes the tables of users in the cell's database.
func prepareUsers(t *testing.T, c *cell) {
	t.Helper()
	testenv.Tell(t, c.worker, "migrate", testenv.Args{"app": "auth"})
	testenv.Tell(t, c.worker, "create_account_tables", testenv.Args{})
}

// atStoppedTime stops the site's clock, as cell.stop stops Django's.
func atStoppedTime() django.Option {
	return django.WithClock(func() time.Time { return stoppedAt })
}
