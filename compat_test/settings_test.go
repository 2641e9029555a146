package compat

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/filecache"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/managepy"
	"github.com/djsession/djsession/internal/sitesettings"
	"github.com/djsession/djsession/internal/testenv"
)

// oddSettings are those of a site with about everything of its own.
const oddSettings = `
import datetime, pathlib
from django.urls import reverse_lazy

SECRET_KEY = b"\xff\xfe it's \"quoted\" $HOME \\ \n end"
SECRET_KEY_FALLBACKS = ["com,ma", "it's", "[line\nbreak]"]
ALLOWED_HOSTS = ("shop.example", ".example.org")
INSTALLED_APPS += ["accounts", "shopsessions"]
AUTH_USER_MODEL = "accounts.Member"
SESSION_ENGINE = "shopsessions.backend"
SESSION_CACHE_ALIAS = "sessions"
SESSION_COOKIE_NAME = "shopsession"
SESSION_COOKIE_AGE = 60 * 60
SESSION_COOKIE_SAMESITE = None
SESSION_COOKIE_PATH = pathlib.PurePosixPath("/shop")
CSRF_COOKIE_AGE = None
CSRF_USE_SESSIONS = True
LOGIN_URL = reverse_lazy("admin:login")
LOGIN_REDIRECT_URL = "admin:index"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
MESSAGE_TAGS = {50: "critical"}
USE_TZ = True
TIME_ZONE = "Europe/Berlin"
DATABASES["people"] = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(pathlib.Path(BASE_DIR) / "people?.sqlite3"), "TIME_ZONE": "Asia/Tokyo", "OPTIONS": {"timeout": 20}}
DATABASE_ROUTERS = ["mysite.routers.Router"]
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "sessions": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": pathlib.Path(BASE_DIR) / "cache dir",
                 "KEY_PREFIX": "shop", "VERSION": 3, "OPTIONS": {"MAX_ENTRIES": 1000}},
}
MIDDLEWARE = [m.replace("django.contrib.sessions.middleware.", "mysite.middleware.") for m in MIDDLEWARE]
SESSION_REDIS = {"host": "localhost"}
`

var oddFiles = map[string]string{
	"accounts/__init__.py":            "",
	"accounts/migrations/__init__.py": "",
	"accounts/models.py": `
import uuid
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.utils.crypto import salted_hmac

class Members(BaseUserManager):
    def get_queryset(self):
        return super().get_queryset().filter(left=False)
    def create_user(self, email, password):
        member = self.model(email=email)
        member.set_password(password)
        member.save(using=self._db)
        return member

class Member(AbstractBaseUser, PermissionsMixin):
    number = models.UUIDField(primary_key=True, default=uuid.uuid4)
    email = models.EmailField(unique=True, db_column="address")
    left = models.BooleanField(default=False)
    is_active = True
    USERNAME_FIELD = "email"
    objects = Members()
    class Meta:
        db_table = "shop.members"
    def get_session_auth_hash(self):
        return salted_hmac("shop", self.password + self.email).hexdigest()
`,
	"shopsessions/__init__.py":            "",
	"shopsessions/migrations/__init__.py": "",
	"shopsessions/models.py": `
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

class ShopSession(AbstractBaseSession):
    session_key = models.CharField(max_length=64, primary_key=True)
    shop = models.IntegerField(null=True)
    @classmethod
    def get_session_store_class(cls):
        from shopsessions.backend import SessionStore
        return SessionStore
`,
	"shopsessions/backend.py": `
from django.contrib.sessions.backends.cached_db import SessionStore as CachedDB

class SessionStore(CachedDB):
    cache_key_prefix = "shop.sessions"
    @classmethod
    def get_model_class(cls):
        from shopsessions.models import ShopSession
        return ShopSession
`,
	"mysite/middleware.py": "from django.contrib.sessions.middleware import SessionMiddleware\n",
	"mysite/routers.py": `
class Router:
    def db_for_read(self, model, **hints):
        return "people" if model._meta.app_label in ("accounts", "shopsessions") else None
    db_for_write = db_for_read
    def allow_migrate(self, db, app_label, **hints):
        return True
`,
	"people.py": `
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "mysite.settings"
import django
django.setup()
from django.core.management import call_command
from django.contrib.auth import get_user_model
call_command("migrate", database="people", verbosity=0)
get_user_model()._default_manager.create_user("ann@example.org", "wonderland")
`,
}

// TestSettingsFile: a settings file made from a site with about everything of its own is enough
// for Go to share its sessions and logins; and it names what it does not carry over. TestKit asks
// every Django for its settings.
func TestSettingsFile(t *testing.T) {
	for _, d := range oldestAndNewest(t) {
		t.Run(d.String(), func(t *testing.T) { testSettingsFile(t, d) })
	}
}

func testSettingsFile(t *testing.T, d testenv.Django) {
	manage := d.Project(t, oddSettings, oddFiles)
	dir := filepath.Dir(manage)
	d.Run(t, dir, "people.py")
	project := startProject(t, d, manage)
	file := settingsFile(t, project)
	checkOmitted(t, file)
	settings := loadFile(t, file)
	checkOddSettings(t, d, dir, settings)

	db := sqlx.MustOpen("sqlite", settings.Databases[settings.SessionModel.Database].DSN())
	t.Cleanup(func() { _ = db.Close() })
	cache := settings.Caches["sessions"]
	sessions, err := django.New(settings, cachestore.NewCachedDB(dbstore.New(db), filecache.New(cache.Location(), filecache.WithMaxEntries(cache.MaxEntries)), cachestore.WithCacheKeyPrefix("shop.sessions")))
	must(t, err)
	users, err := usertable.Open(db, sessions)
	must(t, err)
	if _, err := auth.New(sessions, users); err == nil || !strings.Contains(err.Error(), "WithSessionAuthHash") {
		t.Errorf("auth.New without the model's own hash: %v", err)
	}
	logins, err := auth.New(sessions, users, auth.WithSessionAuthHash(func(u auth.User, m auth.HMAC) (string, error) {
		return m.SaltedSHA1("shop", u.Password+u.Username), nil
	}))
	must(t, err)
	shareLogin(t, project, sessions, logins)
}

// shareLogin: Go reads what Django logged in, and Django what Go logged in and set.
func shareLogin(t *testing.T, project *managepy.Project, sessions *django.Sessions, logins *auth.Logins) {
	t.Helper()
	var login struct{ Key string }
	must(t, project.Call(t.Context(), "login", map[string]any{"username": "ann@example.org"}, &login))
	s, err := sessions.Load(t.Context(), login.Key)
	must(t, err)
	user, err := logins.SessionUser(t.Context(), s)
	must(t, err)
	if user.Username != "ann@example.org" || !user.IsActive {
		t.Errorf("Go finds the user %+v", user)
	}
	created := sessions.NewSession()
	must(t, created.Set("cart", []string{"tea"}))
	must(t, logins.LoginSession(t.Context(), created, user))
	must(t, created.Save(t.Context()))
	var loaded struct{ Data string }
	must(t, project.Call(t.Context(), "session_load", map[string]any{"key": created.Key()}, &loaded))
	if !strings.Contains(loaded.Data, `"cart": ["tea"]`) {
		t.Error("Django does not read the cart")
	}
	var who struct{ Username string }
	must(t, project.Call(t.Context(), "whoami", map[string]any{"key": created.Key()}, &who))
	if who.Username != "ann@example.org" {
		t.Errorf("Django finds the user %q", who.Username)
	}
}

// settingsFile returns the settings file of a project.
func settingsFile(t *testing.T, project *managepy.Project) sitesettings.File {
	t.Helper()
	var reprs map[string]string
	must(t, project.Call(context.WithoutCancel(t.Context()), "settings", nil, &reprs))
	dump, err := sitesettings.FromReport(reprs)
	must(t, err)
	file, err := sitesettings.Convert(dump, sitesettings.Options{})
	must(t, err)
	return file
}

func loadFile(t *testing.T, file sitesettings.File) django.Settings {
	t.Helper()
	content, err := file.JSON()
	must(t, err)
	name := filepath.Join(t.TempDir(), "djsession.json")
	must(t, os.WriteFile(name, content, 0o600))
	settings, err := django.LoadSettings(name)
	must(t, err)
	return settings
}

// omissions returns what a file does not carry over, one on each line.
func omissions(file sitesettings.File) string {
	var b strings.Builder
	for _, o := range file.Omitted {
		b.WriteString(o.Setting + ": " + o.Why + "\n")
	}
	return b.String()
}

func checkOmitted(t *testing.T, file sitesettings.File) {
	t.Helper()
	text := omissions(file)
	for _, part := range []string{
		"AUTH_PASSWORD_VALIDATORS", "SESSION_REDIS", "MIDDLEWARE: mysite.middleware.SessionMiddleware", "cache_key_prefix", "SESSION_MODEL: shopsessions.ShopSession has further columns (shop)",
		"accounts.models.Member has a get_session_auth_hash", "accounts.models.Members, the default manager, may hide users",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not named as omitted:\n%s", part, text)
		}
	}
	if len(file.Omitted) != 7 {
		t.Errorf("%d omissions:\n%s", len(file.Omitted), text)
	}
}

func checkOddSettings(t *testing.T, d testenv.Django, dir string, s django.Settings) {
	t.Helper()
	dir, err := filepath.EvalSymlinks(dir)
	must(t, err)
	check(t, "SECRET_KEY", s.SecretKey, "\xff\xfe it's \"quoted\" $HOME \\ \n end")
	if d.AtLeast(4, 1) {
		check(t, "SECRET_KEY_FALLBACKS", strings.Join(s.SecretKeyFallbacks, "|"), "com,ma|it's|[line\nbreak]")
	}
	check(t, "SESSION_ENGINE", s.SessionEngine, "shopsessions.backend")
	check(t, "its base", s.SessionEngineBase, django.EngineCachedDB)
	check(t, "SESSION_COOKIE_NAME", s.SessionCookieName, "shopsession")
	check(t, "SESSION_COOKIE_AGE", s.SessionCookieAge, 3600)
	check(t, "SESSION_COOKIE_SAMESITE", s.SessionCookieSameSite, django.SameSiteUnset)
	check(t, "SESSION_COOKIE_PATH", s.SessionCookiePath, "/shop")
	check(t, "CSRF_COOKIE_AGE", s.CSRFCookieAge, 0)
	check(t, "CSRF_USE_SESSIONS", s.CSRFUseSessions, true)
	check(t, "LOGIN_URL", s.LoginURL, "/admin/login/")
	check(t, "LOGIN_REDIRECT_URL", s.LoginRedirectURL, "/admin/")
	check(t, "MESSAGE_TAGS", s.MessageTags[50], "critical")
	check(t, "TIME_ZONE", s.TimeZone, "Europe/Berlin")
	check(t, "ALLOWED_HOSTS", strings.Join(s.AllowedHosts, " "), "shop.example .example.org")
	check(t, "the user's table", s.UserModel.Table, `"shop.members"`)
	check(t, "the user's key", s.UserModel.Key, "uuid")
	check(t, "the user's name", s.UserModel.Columns["username"], "address")
	check(t, "the users' database", s.UserModel.Database, "people")
	check(t, "the sessions' table", s.SessionModel.Table, "shopsessions_shopsession")
	check(t, "the sessions' keys", s.SessionModel.KeyLength, 64)
	check(t, "further columns", slices.Equal(s.SessionModel.ExtraColumns, []string{"shop"}), true)
	people := s.Databases["people"]
	check(t, "the driver", people.Driver, "sqlite")
	check(t, "the DSN", people.DSN(), "file://"+dir+"/people%3F.sqlite3?mode=rw")
	check(t, "the zone", people.TimeZone, "Asia/Tokyo")
	check(t, "the cache", s.Caches["sessions"].Location(), dir+"/cache dir")
	check(t, "KEY_PREFIX", s.Caches["sessions"].KeyPrefix, "shop")
	check(t, "VERSION", s.Caches["sessions"].Version, 3)
	check(t, "MAX_ENTRIES", s.Caches["sessions"].MaxEntries, 1000)
	check(t, "caches", len(s.Caches), 1)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func check[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s is %#v, want %#v", what, got, want)
	}
}
