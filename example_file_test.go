package djsession_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"

	"github.com/djsession/djsession/cookiestore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/filestore"
)

// Example_file shares the sessions of a site with
//
//	SESSION_ENGINE = "django.contrib.sessions.backends.file"
//	SESSION_FILE_PATH = "/var/lib/shop/sessions"
func Example_file() {
	dir, err := os.MkdirTemp("", "sessions") // the site's: SESSION_FILE_PATH
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	// What a view of Django's stored.
	const key = "0wkdvr1fy9gpq2ac51imzvq3ds0whjxb"
	const text = "eyJ2aXNpdHMiOjZ9:1vwfSq:5Li1qSXYnx2KKq-yoDV9OXwxvdWmiv-i0VqUyhTFrHI"
	if err := os.WriteFile(filepath.Join(dir, "sessionid"+key), []byte(text), 0o600); err != nil {
		log.Fatal(err)
	}

	settings := django.DefaultSettings()
	settings.SecretKey = "the SECRET_KEY of settings.py"
	settings.SessionEngine = django.EngineFile
	settings.SessionFilePath = dir
	sessions, err := django.New(settings, filestore.New(""))
	if err != nil {
		log.Fatal(err)
	}
	s, err := sessions.Load(context.Background(), key)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(django.Value(s, "visits", 0))
	// Output: 6 <nil>
}

// Example_signedCookies shares the sessions of a site with
//
//	SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
//
// The cookie is the session, so each change sets a new one.
func Example_signedCookies() {
	settings := django.DefaultSettings()
	settings.SecretKey = "the SECRET_KEY of settings.py"
	settings.SessionEngine = django.EngineSignedCookies
	sessions, err := django.New(settings, cookiestore.New())
	if err != nil {
		log.Fatal(err)
	}
	count := func(w http.ResponseWriter, r *http.Request) {
		s, err := sessions.Get(r)
		if err != nil {
			sessions.HandleError(w, r, err)
			return
		}
		visits, _ := django.Value(s, "visits", 0)
		if err := s.Set("visits", visits+1); err != nil {
			sessions.HandleError(w, r, err)
			return
		}
		fmt.Fprintf(w, "visit %d", visits+1)
	}
	server := httptest.NewServer(sessions.Middleware(http.HandlerFunc(count)))
	defer server.Close()
	browser := newBrowser()
	show(browser.Get(server.URL))
	show(browser.Get(server.URL))
	// Output:
	// 200 visit 1
	// 200 visit 2
}
