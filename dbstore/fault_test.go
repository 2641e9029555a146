package dbstore_test

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// The driver reports each connection that these tests break.
func init() { _ = mysql.SetLogger(&mysql.NopLogger{}) }

// networked are the databases that a network can come between.
var networked = map[string]testenv.Vendor{"PostgreSQL": testenv.PostgreSQLVendor, "MariaDB": testenv.MySQLVendor}

// network is a database behind a proxy, with the sessions that reach it that way, and
// the way round the proxy.
type network struct {
	proxy   *testenv.Proxy
	db      *sqlx.DB
	ss      *django.Sessions // impatient: for what is to fail
	patient *django.Sessions // on the same pool, for what is to work on a busy machine
	direct  *sqlx.DB
	calm    *django.Sessions
}

// onNetwork runs a test on each database that has one.
func onNetwork(t *testing.T, test func(t *testing.T, n *network)) {
	for name, vendor := range networked {
		t.Run(name, func(t *testing.T) { test(t, newNetwork(t, withTable(t, vendor))) })
	}
}

// empty removes all sessions.
func (n *network) empty() { n.direct.MustExec("DELETE FROM django_session") }

func newNetwork(t *testing.T, d *testenv.Database) *network {
	t.Helper()
	through, p := d.Proxied(t)
	n := &network{proxy: p, db: connect(t, through), direct: connect(t, d)}
	n.ss, n.patient, n.calm = quiet(t, n.db, django.WithTimeout(impatience)), quiet(t, n.db), quiet(t, n.direct)
	return n
}

// impatience bounds a request that these tests let wait in vain.
const impatience = 250 * time.Millisecond

// quiet are sessions whose log nobody reads.
func quiet(t testing.TB, db *sqlx.DB, opts ...django.Option) *django.Sessions {
	t.Helper()
	return quietOn(t, dbstore.New(db), opts...)
}

func quietOn(t testing.TB, engine django.Engine, opts ...django.Option) *django.Sessions {
	t.Helper()
	ss, err := django.New(settings(), engine, append(opts, django.WithLogger(slog.New(slog.DiscardHandler)))...)
	if err != nil {
		t.Fatal(err)
	}
	return ss
}

func (n *network) heal(t testing.TB) {
	t.Helper()
	if err := n.proxy.Heal(); err != nil {
		t.Fatal(err)
	}
}

// having stores a session with one value.
func having(t testing.TB, ss *django.Sessions, name string, v any) *django.Session {
	t.Helper()
	s := ss.NewSession()
	set(t, s, name, v)
	save(t, s)
	return s
}

// stored returns the JSON of all sessions in the table, by their keys.
func stored(t testing.TB, db *sqlx.DB) map[string]string {
	t.Helper()
	rows, err := db.Query("SELECT session_key, session_data FROM django_session")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	codec, err := django.NewCodec(settings(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for rows.Next() {
		var key, text string
		if err := rows.Scan(&key, &text); err != nil {
			t.Fatal(err)
		}
		json, err := codec.Payload(t.Context(), text)
		if err != nil {
			t.Errorf("a session is damaged: %v", err)
		}
		all[key] = string(json)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// holds checks what is stored in the only session there is, and under which key.
func holds(t testing.TB, db *sqlx.DB, key, json string) {
	t.Helper()
	got := stored(t, db)
	if len(got) != 1 || got[key] != json {
		t.Errorf("of %d sessions the one asked for holds %q, want %s in the only one: %q", len(got), got[key], json, slices.Sorted(maps.Values(got)))
	}
}

// textOf is how the text begins that holds this JSON.
func textOf(json string) string { return base64.RawURLEncoding.EncodeToString([]byte(json)) + ":" }

// increment is a function for Update that counts its own runs.
func increment(runs *int) func(*django.Session) error {
	return func(s *django.Session) error {
		*runs++
		n, err := django.Value(s, "n", 0)
		if err != nil {
			return err
		}
		return s.Set("n", n+1)
	}
}

// visit sends a request through the middleware, with a session's cookie unless key is "".
func visit(t testing.TB, ss *django.Sessions, key string, h http.HandlerFunc) *http.Response {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)
	if key != "" {
		r.AddCookie(&http.Cookie{Name: "sessionid", Value: key})
	}
	w := httptest.NewRecorder()
	ss.Middleware(h).ServeHTTP(w, r)
	return w.Result()
}

// setting is a handler that sets a value, and answers with what was there.
func setting(t testing.TB, ss *django.Sessions, name string, v any) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s, err := ss.Get(r)
		if err != nil {
			return
		}
		before := keys(s)
		set(t, s, name, v)
		_, _ = io.WriteString(w, before)
	}
}

// unheeding is a handler that takes no notice of errors.
func unheeding(ss *django.Sessions) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = ss.Get(r)
		_, _ = io.WriteString(w, "all is well")
	}
}

// fails checks that a request has failed, in time, and is no visitor's first.
func fails(t testing.TB, ss *django.Sessions, key string, h http.HandlerFunc) {
	t.Helper()
	start := time.Now()
	res := visit(t, ss, key, h)
	if res.StatusCode != http.StatusServiceUnavailable || len(res.Header["Set-Cookie"]) > 0 {
		body, _ := io.ReadAll(res.Body)
		t.Errorf("the status is %d with %d cookies and the body %q, want 503 without any", res.StatusCode, len(res.Header["Set-Cookie"]), body)
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("the answer took %v", took)
	}
}

// works checks that a request finds the session with what it holds, and changes it.
func works(t testing.TB, ss *django.Sessions, key, before, name string, v any) {
	t.Helper()
	res := visit(t, ss, key, setting(t, ss, name, v))
	body, _ := io.ReadAll(res.Body)
	if res.StatusCode != http.StatusOK || string(body) != before {
		t.Errorf("the status is %d and the session held %q, want %q", res.StatusCode, body, before)
	}
	for _, c := range res.Cookies() {
		if c.Value != key {
			t.Error("the visitor got another session")
		}
	}
}

// onEach is everywhere, with a SQLite that does not wait for the disk.
func onEach(t *testing.T, test func(t *testing.T, db *sqlx.DB)) {
	for name, vendor := range testenv.Vendors {
		t.Run(name, func(t *testing.T) {
			var parameters []string
			if vendor == testenv.SQLiteVendor {
				parameters = []string{"_pragma=synchronous(off)"}
			}
			test(t, connect(t, withTable(t, vendor), parameters...))
		})
	}
}

func eventually(t testing.TB, what string, f func() bool) {
	t.Helper()
	for start := time.Now(); !f(); time.Sleep(2 * time.Millisecond) {
		if time.Since(start) > 20*time.Second {
			t.Fatalf("%s: not within %v", what, time.Since(start))
		}
	}
}

// goroutines returns a check that no more of them run than now.
func goroutines(t testing.TB) (check func()) {
	before := runtime.NumGoroutine()
	return func() {
		t.Helper()
		for start := time.Now(); runtime.NumGoroutine() > before; time.Sleep(2 * time.Millisecond) {
			if time.Since(start) > 20*time.Second {
				stacks := make([]byte, 1<<20)
				t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
			}
		}
	}
}

// done waits for what a cut or another goroutine reports.
func done(t testing.TB, c <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(20 * time.Second):
		t.Fatalf("%s did not happen", what)
	}
}

func limited(t testing.TB, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

// updating is a handler that increments the session's counter.
func updating(t testing.TB, ss *django.Sessions, runs *int, want error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := ss.UpdateRequest(r, increment(runs)); !errors.Is(err, want) {
			t.Errorf("UpdateRequest: %v, want %v", err, want)
		}
	}
}
