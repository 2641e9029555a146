package djsession

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/internal/testenv"
)

// TestMigratingBehindProxy: behind a proxy that ends TLS, the program of docs/migrating.md
// passes that proxy's headers on to Django; without one, a visitor's are replaced.
func TestMigratingBehindProxy(t *testing.T) {
	t.Parallel()
	got := make(chan http.Header, 1)
	site := testenv.Serve(t, false, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/seen" {
			got <- r.Header
		}
	}))
	program := pageBlock(t, "docs/migrating.md", "```go\n// front/main.go\n") + "\nfunc (s *service) hello(http.ResponseWriter, *http.Request) {}\n"
	for name, c := range map[string]struct {
		settings map[string]any
		want     string
	}{
		"behind a proxy": {map[string]any{"SECURE_PROXY_SSL_HEADER": []string{"HTTP_X_FORWARDED_PROTO", "https"}}, "https shop.example 203.0.113.9"},
		"alone":          {nil, "http 127.0.0.1 127.0.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			address := freeAddress(t)
			binary := buildQuickstart(t, strings.NewReplacer("http://127.0.0.1:8000", site.URL, "127.0.0.1:8001", address).Replace(program))
			cmd := exec.CommandContext(t.Context(), binary)
			cmd.Dir, cmd.Stderr = settingsDir(t, c.settings), os.Stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
			waitFor(t, address)
			r := httptest.NewRequest("GET", "http://"+address+"/seen", nil)
			r.RequestURI = ""
			for name, value := range map[string]string{"Proto": "https", "Host": "shop.example", "For": "203.0.113.9"} {
				r.Header.Set("X-Forwarded-"+name, value)
			}
			res, err := http.DefaultTransport.RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			h := <-got
			host, _, _ := strings.Cut(h.Get("X-Forwarded-Host"), ":")
			if sent := h.Get("X-Forwarded-Proto") + " " + host + " " + h.Get("X-Forwarded-For"); sent != c.want {
				t.Errorf("Django gets %q, want %q", sent, c.want)
			}
		})
	}
}

// settingsDir returns a directory with a djsession.json of these settings, and a database with
// the table of sessions.
func settingsDir(t *testing.T, more map[string]any) string {
	t.Helper()
	database := testenv.SQLite(t)
	db := sqlx.MustOpen(database.Driver(), database.DSN())
	db.MustExec("CREATE TABLE django_session (session_key varchar(40) PRIMARY KEY, session_data text NOT NULL, expire_date datetime NOT NULL)")
	db.Close()
	settings := map[string]any{
		"DJSESSION_SETTINGS": 1, "DJANGO_VERSION": "6.1", "SECRET_KEY": "of the test", "USE_TZ": true,
		"DATABASES": map[string]any{"default": map[string]string{"DRIVER": database.Driver(), "DSN": database.DSN(), "URL": database.URL()}},
	}
	for name, value := range more {
		settings[name] = value
	}
	dir := t.TempDir()
	text, err := json.Marshal(settings)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "djsession.json"), text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}
