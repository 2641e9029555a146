package requests

import (
	"encoding/json"
	"maps"
	"os"

	"github.com/djsession/djsession/internal/testenv"
)

// pool is how many connections each server may hold to its database, and keeps.
const pool = connections

// site is what the processes of one backend know of it. The file that holds it is read by
// Django, which takes its settings from it, and by the Go servers.
type site struct {
	Vendor        testenv.Vendor `json:"vendor"`
	Driver        string         `json:"driver"`
	DSN           string         `json:"dsn"`
	Redis         string         `json:"redis"` // host:port, if that is where the sessions are
	SecretKey     string         `json:"secret_key"`
	DjangoVersion string         `json:"django_version"`
	Django        map[string]any `json:"django"` // Django's settings

	database *testenv.Database
	extra    map[string]any // Django's settings that depend on the engine
}

// django sets Django's settings: with what makes it fast.
func (s *site) django() {
	database := map[string]any{"CONN_MAX_AGE": nil}
	switch s.Vendor {
	case testenv.PostgreSQLVendor:
		database["OPTIONS"] = map[string]any{"server_side_binding": true, "prepare_threshold": 5}
	case testenv.SQLiteVendor:
		database["OPTIONS"] = map[string]any{
			"timeout": 30, "transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
		}
	}
	s.Django = map[string]any{
		"SECRET_KEY":     s.SecretKey,
		"DEBUG":          false,
		"ALLOWED_HOSTS":  []string{"*"},
		"DATABASES":      map[string]any{"default": s.database.Django(database)},
		"INSTALLED_APPS": []string{"django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions"},
		"MIDDLEWARE": []string{
			"django.contrib.sessions.middleware.SessionMiddleware",
			"django.contrib.auth.middleware.AuthenticationMiddleware",
		},
		"ROOT_URLCONF":   "benchsite",
		"SESSION_ENGINE": "django.contrib.sessions.backends.db",
		"USE_TZ":         true,
		"TIME_ZONE":      "UTC",
		"USE_I18N":       false,
	}
	maps.Copy(s.Django, s.extra)
}

func readSite(path string) (*site, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	s := new(site)
	return s, json.Unmarshal(text, s)
}

func (s *site) write(path string) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o600)
}
