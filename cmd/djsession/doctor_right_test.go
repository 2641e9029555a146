package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/djsession/djsession/internal/testenv"
)

// usersApart routes the models of the users to another database than the sessions.
const usersApart = `
class Router:
    def db_for_read(self, model, **hints):
        return "users" if model._meta.app_label in ("auth", "contenttypes") else None
    db_for_write = db_for_read
`

// TestDoctorOnUnusualSites: nothing is wrong with these sites, although something looks like it.
func TestDoctorOnUnusualSites(t *testing.T) {
	d := testenv.NewestDjango(t)
	dir := t.TempDir()
	other := onFiles(t, newCLI(t)).with("DJANGO_SESSION_FILE_PATH", dir).with("DJANGO_SESSION_COOKIE_NAME", "othershop")
	other.create(`{"a":1}`)
	for name, lines := range map[string]string{
		"the age was raised lately":      `SESSION_COOKIE_AGE = 30 * 86400`,
		"the cache was emptied":          fmt.Sprintf(`SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"; CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": %q, "KEY_PREFIX": %q}}`, servers.Redis(t).URL(0), testenv.NewKeyPrefix()),
		"another site's files beside it": fmt.Sprintf(`SESSION_ENGINE = "django.contrib.sessions.backends.file"; SESSION_FILE_PATH = %q`, dir),
		"users in another database":      `DATABASES["users"] = DATABASES["default"]; DATABASES["default"] = {**DATABASES["users"], "NAME": DATABASES["users"]["NAME"] + "2"}; DATABASE_ROUTERS = ["shop.routers.Router"]`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t, d, lines)
			dir := filepath.Dir(p.manage)
			if err := os.WriteFile(filepath.Join(dir, "shop", "routers.py"), []byte(usersApart), 0o600); err != nil {
				t.Fatal(err)
			}
			(&cli{t: t, env: map[string]string{}}).with("DATABASE_URL", p.database()).with("DJANGO_SECRET_KEY", siteKey).with("DJANGO_USE_TZ", "True").create(`{"a":1}`)
			database, err := os.ReadFile(filepath.Join(dir, "db.sqlite3"))
			if err == nil {
				err = os.WriteFile(filepath.Join(dir, "db.sqlite32"), database, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			r := diagnose(t, &cli{t: t, env: map[string]string{}}, p.args()...)
			if got := strings.Join(r.problems(), " "); got != "" {
				t.Errorf("diagnosed %q\n%s", got, r.text())
			}
		})
	}
}
