package django_test

import (
	"context"
	"encoding/json"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	_ "modernc.org/sqlite"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
	"github.com/djsession/djsession/serializer"
)

const (
	secretKey  = "the-secret-of-the-site"
	validKey   = "validvalidvalidvalidvalidvalid00"
	unknownKey = "unknownunknownunknownunknown0000"
)

// testNow is where the clock of testdata/generate.py stands.
var testNow = time.Date(2026, 3, 1, 12, 0, 0, 250_000_000, time.UTC)

// A site is the sessions of a Django site in a SQLite database of its own. Each
// test ends with a look at the log: it must hold no key, secret or data.
type site struct {
	*django.Sessions
	t     testing.TB
	db    *sqlx.DB
	store *watchedStore
	logs  *testenv.Log
	now   time.Time // set it only while nothing runs
}

// newSite makes a site; each change is made to settings that are Django's
// defaults, the secret and USE_TZ apart.
func newSite(t testing.TB, change func(*django.Settings), opts ...django.Option) *site {
	t.Helper()
	st := &site{t: t, db: openSQLite(t), logs: new(testenv.Log), now: testNow}
	settings := testSettings()
	if change != nil {
		change(&settings)
	}
	opts = append([]django.Option{
		django.WithClock(func() time.Time { return st.now }),
		django.WithLogger(slog.New(slog.NewTextHandler(st.logs, nil))),
		django.WithTimeout(10 * time.Minute), // a busy machine is no reason to fail
	}, opts...)
	engine := django.EngineFunc(func(site django.Site) (django.Store, error) {
		inner, err := dbstore.New(st.db).Open(site)
		st.store = &watchedStore{Store: inner, calls: map[string]int{}, before: map[string]func() error{}, after: map[string]func() error{}}
		return st.store, err
	})
	var err error
	if st.Sessions, err = django.New(settings, engine, opts...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(st.checkLog)
	return st
}

func testSettings() django.Settings {
	settings := django.DefaultSettings()
	settings.SecretKey = secretKey
	settings.UseTZ = new(true)
	return settings
}

func openSQLite(t testing.TB) *sqlx.DB {
	t.Helper()
	db, err := sqlx.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1) // each connection would have a memory of its own
	db.MustExec(`CREATE TABLE django_session (
		session_key varchar(40) NOT NULL PRIMARY KEY,
		session_data text NOT NULL,
		expire_date datetime NOT NULL);
	CREATE INDEX django_session_expire_date ON django_session (expire_date)`)
	return db
}

// put stores a session under key, as Django would have, that lives for a day.
func (st *site) put(key, data string) {
	st.t.Helper()
	st.putText(key, sign(st.t, st.Codec(), data))
}

func (st *site) putText(key, text string) {
	st.t.Helper()
	_, err := st.db.Exec(`INSERT OR REPLACE INTO django_session VALUES (?, ?, ?)`,
		key, text, st.now.Add(24*time.Hour).Format("2006-01-02 15:04:05.000000"))
	if err != nil {
		st.t.Fatal(err)
	}
}

// text is the session_data under key, "" if there is no such row.
func (st *site) text(key string) (text string) {
	st.t.Helper()
	err := st.db.Get(&text, `SELECT COALESCE(MAX(session_data), '') FROM django_session WHERE session_key = ?`, key)
	if err != nil {
		st.t.Fatal(err)
	}
	return text
}

// data is the JSON under key, "" if there is no such row.
func (st *site) data(key string) string {
	st.t.Helper()
	text := st.text(key)
	if text == "" {
		return ""
	}
	payload, err := st.Codec().Payload(st.t.Context(), text)
	if err != nil {
		st.t.Fatal(err)
	}
	return string(payload)
}

// keys are the keys in the table.
func (st *site) keys() (keys []string) {
	st.t.Helper()
	if err := st.db.Select(&keys, `SELECT session_key FROM django_session ORDER BY session_key`); err != nil {
		st.t.Fatal(err)
	}
	return keys
}

// expires is the expire_date under key.
func (st *site) expires(key string) string {
	st.t.Helper()
	var text string
	if err := st.db.Get(&text, `SELECT CAST(expire_date AS TEXT) FROM django_session WHERE session_key = ?`, key); err != nil {
		st.t.Fatal(err)
	}
	return text
}

// load is Load for a session that must be there.
func (st *site) load(key string) *django.Session {
	st.t.Helper()
	s, err := st.Load(st.t.Context(), key)
	if err != nil {
		st.t.Fatal(err)
	}
	return s
}

// other is a second process on the same table, without anybody watching it.
func (st *site) other() *django.Sessions {
	st.t.Helper()
	other, err := django.New(st.Settings(), dbstore.New(st.db), django.WithClock(func() time.Time { return st.now }))
	if err != nil {
		st.t.Fatal(err)
	}
	return other
}

// meanwhile has another process change the session under key right before the
// next save, that once.
func (st *site) meanwhile(key string, change func(*django.Session)) {
	other := st.other()
	st.store.once("Save", func() error {
		s, err := other.Load(context.Background(), key)
		if err != nil {
			return err
		}
		change(s)
		return s.Save(context.Background())
	})
}

// serve runs one request with a session cookie ("" is none) through the
// middleware and h.
func (st *site) serve(cookie string, h http.HandlerFunc) *httptest.ResponseRecorder {
	st.t.Helper()
	return serve(st.Sessions, cookie, h)
}

// serve has h answer a request with this session cookie, unless it is empty.
func serve(ss *django.Sessions, cookie string, h http.HandlerFunc) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", "/", nil)
	if cookie != "" {
		r.Header.Set("Cookie", ss.Settings().SessionCookieName+"="+cookie)
	}
	w := httptest.NewRecorder()
	ss.Middleware(h).ServeHTTP(w, r)
	return w
}

// get is Get where a failure is the test's.
func (st *site) get(r *http.Request) *django.Session {
	s, err := st.Get(r)
	if err != nil {
		st.t.Error(err)
		return st.NewSession()
	}
	return s
}

func (st *site) checkLog() {
	log := st.logs.String()
	for _, secret := range append(st.store.secrets(), secretKey, validKey, unknownKey) {
		if strings.Contains(log, secret) {
			st.t.Errorf("the log holds a secret:\n%s", log)
		}
	}
}

// golden reads a file of testdata, which generate.py there wrote.
func golden[T any](t testing.TB, name string) []T {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	var cases []T
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) == 0 {
		t.Fatalf("%s is empty", name)
	}
	return cases
}

// jsonOf is the session's content as JSON, in its order.
func jsonOf(t testing.TB, s *django.Session) string {
	t.Helper()
	var d serializer.Dict
	for k, v := range s.Items() {
		d.Set(k, v)
	}
	text, err := serializer.JSON.Dumps(&d)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// check reports what is not as wanted.
func check[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// errorLog is a log for a server or proxy, among the site's.
func (st *site) errorLog() *log.Logger { return log.New(st.logs, "", 0) }

// loseOnce has the next save take effect and its answer get lost, after which f runs.
func (st *site) loseOnce(f func()) {
	st.store.mu.Lock()
	defer st.store.mu.Unlock()
	st.store.after["Save"] = func() error {
		st.store.mu.Lock()
		delete(st.store.after, "Save")
		st.store.mu.Unlock()
		f()
		return errLost
	}
}
