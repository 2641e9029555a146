package compat

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/djsession/djsession/internal/managepy"
	"github.com/djsession/djsession/internal/testenv"
)

// computedSettings are values that are not what their repr says, if that says anything.
const computedSettings = `
import enum, os
from django.utils.functional import SimpleLazyObject, lazy
from django.utils.translation import gettext_lazy

class Same(str, enum.Enum):
    STRICT = "Strict"

class Quiet(str):
    def __str__(self): return "***"
    __repr__ = __str__

def fail():
    raise KeyError("hush")

SECRET_KEY = SimpleLazyObject(lambda: Quiet("hush"))
PASSWORD_HASHERS = lazy(lambda: ["django.contrib.auth.hashers.MD5PasswordHasher"], list)()
AUTHENTICATION_BACKENDS = {"django.contrib.auth.backends.ModelBackend", "a.A", "b.B", "c.C", "d.D"}
SESSION_COOKIE_SAMESITE = Same.STRICT
SESSION_COOKIE_AGE = lazy(lambda: 77, int)()
SESSION_COOKIE_NAME = gettext_lazy("shop")
CSRF_COOKIE_DOMAIN = SimpleLazyObject(lambda: None)
LOGIN_REDIRECT_URL = lazy(fail, str)()
AUTH_SHOP = Quiet("re.A|re.B {")
SESSION_FILE_PATH = "sessions"
SESSION_ENGINE = "shopsessions"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": "cache"}}
AUTH_USER_MODEL = os.environ.get("SHOP_USER", "people.Member")
if not os.environ.get("SHOP_BARE"):
    INSTALLED_APPS += ["people"]
`

var computedFiles = map[string]string{
	"shopsessions.py": `
from django.contrib.sessions.backends.db import SessionStore as DB
class SessionStore(DB):
    def get_expiry_age(self, **kwargs):
        return 5
`,
	"people/__init__.py": "",
	"people/models.py": `
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models

class Company(models.Model):
    number = models.BigIntegerField(primary_key=True)

class Branch(models.Model):
    company = models.OneToOneField(Company, primary_key=True, on_delete=models.CASCADE)

class Person(AbstractBaseUser):
    branch = models.OneToOneField(Branch, primary_key=True, on_delete=models.CASCADE)
    mail = models.CharField(max_length=50, unique=True)
    active = models.BooleanField(default=True)
    USERNAME_FIELD = "mail"
    objects = BaseUserManager()

class Member(Person):
    points = models.IntegerField(default=0)
    is_staff = property(lambda self: self.points > 9)

class Leaver(Person):
    is_active = property(lambda self: self.active)
    class Meta:
        proxy = True
`,
}

// TestComputedSettings: values are carried over as Django sees them, however they are computed,
// and one that cannot be computed spoils no other.
func TestComputedSettings(t *testing.T) {
	for _, d := range oldestAndNewest(t) {
		t.Run(d.String(), func(t *testing.T) {
			manage := d.Project(t, computedSettings, computedFiles)
			file := settingsFile(t, startProject(t, d, manage))
			s := loadFile(t, file)
			dir, err := filepath.EvalSymlinks(filepath.Dir(manage))
			must(t, err)
			check(t, "SECRET_KEY", s.SecretKey, "hush")
			check(t, "PASSWORD_HASHERS", strings.Join(s.PasswordHashers, " "), "django.contrib.auth.hashers.MD5PasswordHasher")
			check(t, "the order of a set", strings.Join(s.AuthenticationBackends, " "), "a.A b.B c.C d.D django.contrib.auth.backends.ModelBackend")
			check(t, "SESSION_COOKIE_SAMESITE", string(s.SessionCookieSameSite), "Strict")
			check(t, "SESSION_COOKIE_AGE", s.SessionCookieAge, 77)
			check(t, "SESSION_COOKIE_NAME", s.SessionCookieName, "shop")
			check(t, "CSRF_COOKIE_DOMAIN", s.CSRFCookieDomain, "")
			check(t, "SESSION_FILE_PATH", s.SessionFilePath, filepath.Join(dir, "sessions"))
			check(t, "LOCATION", s.Caches["default"].Location(), filepath.Join(dir, "cache"))
			check(t, "the user table", s.UserModel.Table, "people_person")
			check(t, "the user key", s.UserModel.Columns["id"]+" "+s.UserModel.Key, "branch_id int")
			text := omissions(file)
			for _, part := range []string{
				"LOGIN_REDIRECT_URL: reading it raises KeyError", "AUTH_SHOP: is not a setting of Django's", "methods of its own (get_expiry_age)",
				"Go reads people_person only", "is_staff of people.Member is computed",
			} {
				if !strings.Contains(text, part) {
					t.Errorf("%q is not named:\n%s", part, text)
				}
			}
			if strings.Contains(text, "hush") {
				t.Errorf("what is named holds a secret:\n%s", text)
			}

			// A model whose is_active Go cannot know is not carried over, nor one that is not there.
			file = settingsFile(t, startProject(t, d, manage, "SHOP_USER=people.Leaver"))
			check(t, "the model", loadFile(t, file).UserModel.Table, "")
			if text := omissions(file); !strings.Contains(text, "is_active of people.Leaver is computed") {
				t.Errorf("is_active is not named:\n%s", text)
			}
			file = settingsFile(t, startProject(t, d, manage, "SHOP_BARE=1", "SHOP_USER=auth.User"))
			check(t, "Django's own model", loadFile(t, file).UserModel.Table, "auth_user")
		})
	}
}

// TestBareSites: a site without sessions and logins has settings, too.
func TestBareSites(t *testing.T) {
	const bare = `
import os
if os.environ.get("SHOP_BARE"):
    INSTALLED_APPS = ["django.contrib.contenttypes"]
    MIDDLEWARE = []
    ROOT_URLCONF = "bare"
`
	for _, d := range oldestAndNewest(t) {
		t.Run(d.String(), func(t *testing.T) {
			manage := d.Project(t, bare, nil)
			must(t, os.WriteFile(filepath.Join(filepath.Dir(manage), "bare.py"), []byte("urlpatterns = []\n"), 0o600))
			text := omissions(settingsFile(t, startProject(t, d, manage, "SHOP_BARE=1")))
			for _, part := range []string{"SESSION_ENGINE: reading it raises", "AUTH_USER_MODEL: reading it raises", "MIDDLEWARE: has no SessionMiddleware"} {
				if !strings.Contains(text, part) {
					t.Errorf("%q is not named:\n%s", part, text)
				}
			}
		})
	}
}

func startProject(t *testing.T, d testenv.Django, manage string, env ...string) *managepy.Project {
	t.Helper()
	project, err := managepy.Start(t.Context(), managepy.Options{Manage: manage, Python: d.Python, Env: env})
	must(t, err)
	t.Cleanup(func() { _ = project.Close() })
	return project
}
