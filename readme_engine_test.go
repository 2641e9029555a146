package djsession

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/djsession/djsession/internal/testenv"
)

// TestReadmeCachedDB follows the README and the change that docs/engines.md shows, beside a
// project on PostgreSQL with a user model of its own that keeps its sessions in cached_db on Redis.
func TestReadmeCachedDB(t *testing.T) {
	t.Parallel()
	readme := pages(t)["README.md"]
	site := newReadmeSite(t, testenv.NewestDjango(t))
	redis := testenv.Redis(t)
	site.addDatabase(testenv.PostgreSQL(t).NewDatabase(t))
	site.addSettings(fmt.Sprintf(`
INSTALLED_APPS.append("accounts")
AUTH_USER_MODEL = "accounts.Member"
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_CACHE_ALIAS = "sessions"
SESSION_COOKIE_NAME = "mysite_session"
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "sessions": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": %q, "KEY_PREFIX": "mysite"},
}
`, redis.URL(2)))
	site.addApp("accounts", `
import uuid
from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models

class Members(UserManager):
    def create_superuser(self, email, password):
        member = self.model(email=email, is_staff=True, is_superuser=True)
        member.set_password(password)
        member.save()

class Member(AbstractUser):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    username = None
    email = models.EmailField(unique=True, db_column="address")
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []
    objects = Members()
    class Meta:
        db_table = "members"
`)
	site.migrate("'ada@example.com'")
	site.runDjango()
	program := changed(t, readmeProgram(t), "docs/engines.md")
	for _, driver := range []string{"modernc.org/sqlite", "github.com/jackc/pgx/v5/stdlib"} {
		if !strings.Contains(readme, "`"+driver+"`") {
			t.Errorf("the README does not name the driver %s", driver)
		}
	}
	site.runCommands(strings.Replace(program, "modernc.org/sqlite", "github.com/jackc/pgx/v5/stdlib", 1))
	site.greets("ada@example.com")
}

// addApp makes an app of the project's, and its migration.
func (s *readmeSite) addApp(name, models string) {
	s.t.Helper()
	dir := filepath.Join(s.mysite(), name)
	if err := os.Mkdir(dir, 0o700); err != nil {
		s.t.Fatal(err)
	}
	for file, text := range map[string]string{"__init__.py": "", "models.py": models} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
			s.t.Fatal(err)
		}
	}
	s.run(s.mysite(), "python", "manage.py", "makemigrations", "-v", "0", name)
}

// changed returns a program after the change that the first diff of a page shows.
func changed(t *testing.T, program, page string) string {
	t.Helper()
	after, ok := applyDiff(program, pageBlock(t, page, "```diff\n"))
	if !ok {
		t.Fatalf("%s changes lines that are not once in the README's program", page)
	}
	return after
}

// applyDiff returns a text after the change of a diff without line numbers, in which an empty
// line separates two places. It is false if a place is not once in the text.
func applyDiff(text, diff string) (string, bool) {
	for _, place := range strings.Split(diff, "\n\n") {
		var before, after strings.Builder
		for line := range strings.SplitSeq(strings.TrimSuffix(place, "\n"), "\n") {
			if line[0] != '+' {
				before.WriteString(line[1:] + "\n")
			}
			if line[0] != '-' {
				after.WriteString(line[1:] + "\n")
			}
		}
		if strings.Count(text, before.String()) != 1 {
			return "", false
		}
		text = strings.Replace(text, before.String(), after.String(), 1)
	}
	return text, true
}
