package djangotest_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/djangotest"
)

// app is a service: a counter, a page for those who are logged in, one for those who may
// ship, and a login form.
func app(sessions *django.Sessions, logins *auth.Logins) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /count", func(w http.ResponseWriter, r *http.Request) {
		s, err := sessions.Get(r)
		if err != nil {
			sessions.HandleError(w, r, err)
			return
		}
		n, _ := django.Value(s, "count", 0)
		_ = s.Set("count", n+1)
		fmt.Fprint(w, n+1)
	})
	hello := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, err := logins.User(r)
		if err != nil {
			sessions.HandleError(w, r, err)
			return
		}
		fmt.Fprint(w, "hello ", user.Username)
	})
	mux.Handle("GET /hello", logins.RequireLogin()(hello))
	mux.Handle("GET /ship", logins.RequirePerm([]string{"shop.ship"})(hello))
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		user, err := logins.Authenticate(r.Context(), r.FormValue("username"), r.FormValue("password"))
		if err == nil {
			err = logins.Login(r, user)
		}
		if err != nil {
			sessions.HandleError(w, r, err)
			return
		}
		http.Redirect(w, r, "/hello", http.StatusFound)
	})
	return sessions.Middleware(logins.Middleware(mux))
}

// body returns the status and the body of a response.
func body(t *testing.T, res *http.Response, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(res.StatusCode, " ", strings.TrimSpace(string(text)))
}

func TestSessionOfClient(t *testing.T) {
	site := djangotest.New(t, func(s *django.Settings) { s.SessionCookieAge = 60 })
	client := site.Client(app(site.Sessions, site.Logins))
	if s := client.Session(t); s.Key() != "" || !s.IsEmpty() {
		t.Error("a browser without a cookie has a session")
	}
	client.AddCookie(site.CreateSession(t, map[string]any{"count": 40}))
	for _, want := range []string{"200 41", "200 42"} {
		if got := get(t, client, "/count"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if n, err := django.Value(client.Session(t), "count", 0); n != 42 || err != nil {
		t.Error(n, err)
	}
	site.Clock.Advance(59 * time.Second)
	if got := get(t, client, "/count"); got != "200 43" {
		t.Error(got)
	}
	site.Clock.Advance(60 * time.Second)
	if s := client.Session(t); s.Key() != "" {
		t.Error("the session has not expired")
	}
	if got := get(t, client, "/count"); got != "200 1" {
		t.Error(got)
	}
}

func get(t *testing.T, c *djangotest.Client, path string) string {
	t.Helper()
	res, err := c.Get("http://testserver" + path)
	return body(t, res, err)
}

func TestLogins(t *testing.T) {
	site := djangotest.New(t)
	service := app(site.Sessions, site.Logins)
	ann := site.NewUser(t, "ann", "", func(u *auth.User) { u.Email = "ann@example.org" })
	site.NewUser(t, "ben", "secret")

	client := site.Client(service)
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if got := get(t, client, "/hello"); !strings.HasPrefix(got, "302") {
		t.Error(got)
	}
	client.AddCookie(site.ForceLogin(t, ann))
	if got := get(t, client, "/hello"); got != "200 hello ann" {
		t.Error(got)
	}
	if got := get(t, client, "/ship"); !strings.HasPrefix(got, "302") {
		t.Error(got)
	}
	site.Grant(ann, "shop.ship")
	if got := get(t, client, "/ship"); got != "200 hello ann" {
		t.Error(got)
	}

	other := site.Client(service)
	for password, want := range map[string]string{"wrong": "403", "secret": "200 hello ben"} {
		res, err := other.PostForm("https://testserver/login", url.Values{"username": {"ben"}, "password": {password}})
		if got := body(t, res, err); !strings.HasPrefix(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
	verdict, err := site.Logins.Inspect(t.Context(), other.Session(t))
	if err != nil || verdict.User.Username != "ben" || !verdict.User.LastLogin.Equal(site.Clock.Now()) {
		t.Error(verdict, err)
	}
	if _, err := site.Logins.SetPassword(t.Context(), verdict.User, "new"); err != nil {
		t.Error(err)
	}
	if got := get(t, other, "/hello"); !strings.HasPrefix(got, "404") { // redirected to a page that is not there
		t.Error(got)
	}
}

// TestRequests: a handler gets what a server would give it.
func TestRequests(t *testing.T) {
	client := djangotest.New(t).Client(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		for _, c := range r.Cookies() {
			text = append(text, " "+c.Name+"="+c.Value...)
		}
		http.SetCookie(w, &http.Cookie{Name: "b", Value: "2", MaxAge: 10, Path: "/elsewhere", Domain: "example.org", Secure: true})
		http.SetCookie(w, &http.Cookie{Name: "c", MaxAge: -1})
		fmt.Fprint(w, r.Method, " ", r.URL, " ", r.RequestURI, " ", r.Host, " ", r.TLS != nil, " ", string(text))
	}))
	client.AddCookie(&http.Cookie{Name: "c", Value: "3", Expires: time.Now().Add(time.Hour)})
	for _, want := range []string{
		"200 POST /a?b=%20 /a?b=%20 example.org:8000 true body c=3",
		"200 POST /a?b=%20 /a?b=%20 example.org:8000 true body b=2",
	} {
		res, err := client.Post("https://example.org:8000/a?b=%20#c", "text/plain", strings.NewReader("body"))
		if got := body(t, res, err); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := get(t, client, ""); got != "200 GET / / testserver false  b=2" {
		t.Errorf("%q", got)
	}
}

// TestGolden: the sessions of every Django are what a codec of the same settings reads.
func TestGolden(t *testing.T) {
	for _, series := range []string{"2.2", "3.2", "4.2", "5.2", "6.0", "6.1"} {
		golden := djangotest.Golden(t, series)
		if len(golden) < 30 {
			t.Errorf("Django %s: %d sessions", series, len(golden))
		}
		for _, g := range golden {
			codec, err := django.NewCodec(g.Settings, nil)
			if err != nil {
				t.Fatal(err)
			}
			got, err := codec.Payload(t.Context(), g.Data)
			if err != nil || string(got) != g.JSON || g.Key == "" {
				t.Errorf("Django %s, %s: %.100s, %v", series, g.Name, got, err)
			}
		}
	}
}
