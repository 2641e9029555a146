package djangotest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/managepy"
	"github.com/djsession/djsession/internal/sitesettings"
	"github.com/djsession/djsession/serializer"
)

// Project is a Django project that runs, made by [Manage] or [Site]. What its methods do
// happens in that Django, with its settings, models and session engine; an exception there
// fails the test with its traceback. Safe for concurrent use: Django does one thing at a time.
type Project struct {
	// Dir is the directory of manage.py. The database of a Site is db.sqlite3 in it.
	Dir string
	// DjangoVersion is the Django's version, such as "5.2.19".
	DjangoVersion string
	// Engine is SESSION_ENGINE.
	Engine string

	cookieName string
	process    *managepy.Project
}

// Session is what Django finds under a key.
type Session struct {
	// Found reports whether there is a session that has not expired.
	Found bool
	// Corrupted reports that Django could not verify the data, which was changed or signed
	// with another key, and continues with an empty session.
	Corrupted bool
	// Values are those that JSON can hold, in Django's order.
	Values *serializer.Dict
	// Others has the Python types of all other values, by name: "datetime.datetime".
	Others map[string]string
	// ExpiryAge and ExpireAtBrowserClose are what get_expiry_age and
	// get_expire_at_browser_close return.
	ExpiryAge            time.Duration
	ExpireAtBrowserClose bool
}

// Settings returns the project's settings for the service, as the command `djsession settings`
// takes them over: the test logs what cannot be. It ignores this process's environment. The
// database of a Site is sql.Open(db.Driver, db.DSN()) of Databases["default"].
func (p *Project) Settings(t testing.TB) django.Settings {
	t.Helper()
	var report map[string]string
	p.call(t, "settings", nil, &report)
	dump, err := sitesettings.FromReport(report)
	var file sitesettings.File
	if err == nil {
		file, err = sitesettings.Convert(dump, sitesettings.Options{})
	}
	var content []byte
	if err == nil {
		content, err = file.JSON()
	}
	var settings django.Settings
	if err == nil {
		settings, err = django.ParseSettings(content)
	}
	if err != nil {
		t.Fatalf("djangotest: the project's settings: %v", err)
	}
	for _, o := range file.Omitted {
		t.Logf("djangotest: not taken over: %s: %s", o.Setting, o.Why)
	}
	return settings
}

// CreateSession has Django store a session that holds these values and returns its key. A
// value "_session_expiry" is its set_expiry: a number of seconds.
func (p *Project) CreateSession(t testing.TB, values map[string]any) (key string) {
	t.Helper()
	return p.key(t, "session_create", map[string]any{"data": toJSON(t, values)})
}

// Session has Django load a session.
func (p *Project) Session(t testing.TB, key string) Session {
	t.Helper()
	var answer struct {
		Found, Corrupted bool
		Data             string
		Others           map[string]string
		Age              float64
		BrowserClose     bool `json:"browser_close"`
	}
	p.call(t, "session_load", map[string]any{"key": key}, &answer)
	s := Session{
		Found: answer.Found, Corrupted: answer.Corrupted, Values: new(serializer.Dict), Others: answer.Others,
		ExpiryAge: time.Duration(answer.Age * float64(time.Second)), ExpireAtBrowserClose: answer.BrowserClose,
	}
	if answer.Found {
		var err error
		if s.Values, err = serializer.JSON.Loads([]byte(answer.Data)); err != nil {
			t.Fatalf("djangotest: reading what Django loaded: %v", err)
		}
	}
	return s
}

// Set has Django set a value in a session. It returns the session's key, which is another
// one only with the engine signed_cookies.
func (p *Project) Set(t testing.TB, key, name string, value any) (newKey string) {
	t.Helper()
	return p.key(t, "session_set", map[string]any{"key": key, "data": toJSON(t, map[string]any{name: value})})
}

// DeleteSession has Django delete a session. An absent one is no error.
func (p *Project) DeleteSession(t testing.TB, key string) {
	t.Helper()
	p.call(t, "session_delete", map[string]any{"key": key}, nil)
}

// Cookie returns the cookie with which a browser sends a session's key to the service.
func (p *Project) Cookie(key string) *http.Cookie {
	return &http.Cookie{Name: p.cookieName, Value: key, Path: "/"}
}

// NewUser has Django store a user of its user model, with these further fields by name, or
// change the user of this name so, whom an earlier test may have made. Without a password they
// can only be logged in by Login.
func (p *Project) NewUser(t testing.TB, username, password string, fields map[string]any) {
	t.Helper()
	args := map[string]any{"username": username, "fields": fields}
	if password != "" {
		args["password"] = password
	}
	p.call(t, "user_store", args, nil)
}

// SetPassword has Django change a user's password, which ends all their sessions.
func (p *Project) SetPassword(t testing.TB, username, password string) {
	t.Helper()
	p.call(t, "user_set_password", map[string]any{"username": username, "password": password}, nil)
}

// Login has Django log a user in, without a password and in a new session, and returns the
// session's key. Django's Client.force_login.
func (p *Project) Login(t testing.TB, username string) (key string) {
	t.Helper()
	return p.key(t, "login", map[string]any{"username": username})
}

// Logout has Django log out whoever is logged in by a session, which ends it.
func (p *Project) Logout(t testing.TB, key string) {
	t.Helper()
	p.call(t, "logout", map[string]any{"key": key}, nil)
}

// User returns the name of the user whom Django finds logged in by a session, "" if nobody
// is. As in a request, Django flushes a session whose user's password was changed.
func (p *Project) User(t testing.TB, key string) (username string) {
	t.Helper()
	var user struct{ Username string }
	p.call(t, "whoami", map[string]any{"key": key}, &user)
	return user.Username
}

// key makes a call that returns a session's key.
func (p *Project) key(t testing.TB, method string, args map[string]any) string {
	t.Helper()
	var answer struct{ Key string }
	p.call(t, method, args, &answer)
	return answer.Key
}

func (p *Project) call(t testing.TB, method string, args map[string]any, result any) {
	t.Helper()
	err := p.try(method, args, result)
	var raised *managepy.RemoteError
	switch {
	case errors.As(err, &raised):
		t.Fatalf("djangotest: Django raised %v\n%s", err, raised.Traceback)
	case err != nil:
		t.Fatalf("djangotest: %v", err)
	}
}

func (p *Project) try(method string, args map[string]any, result any) error {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	return p.process.Call(ctx, method, args, result)
}

func (p *Project) ended() bool {
	select {
	case <-p.process.Ended():
		return true
	default:
		return false
	}
}

// toJSON returns values as Session.Set would store them.
func toJSON(t testing.TB, values map[string]any) string {
	t.Helper()
	var dict serializer.Dict
	for _, name := range slices.Sorted(maps.Keys(values)) {
		value, err := serializer.Encode(values[name])
		if err != nil {
			t.Fatalf("djangotest: the value of %q: %v", name, err)
		}
		dict.Set(name, value)
	}
	text, err := serializer.JSON.Dumps(&dict)
	if err != nil {
		t.Fatal(fmt.Errorf("djangotest: %w", err))
	}
	return string(text)
}
