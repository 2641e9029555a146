package compat

import (
	"fmt"
	"log/slog"
	"testing"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/rediscache"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/djangotest"
	"github.com/djsession/djsession/internal/testenv"
)

// TestKit: the round trips of the test kit, with a project of every Django whose settings the
// service takes from it.
func TestKit(t *testing.T) {
	for _, d := range testenv.Djangos(t) {
		t.Run(d.Name, func(t *testing.T) {
			t.Parallel()
			checkKit(t, djangotest.Site(t, djangotest.WithPython(d.Executable(t))), "ann")
		})
	}
}

// TestKitCachedDB: the same, with copies of the sessions in Redis.
func TestKitCachedDB(t *testing.T) {
	d := testenv.NewestDjango(t)
	site := djangotest.Site(t, djangotest.WithPython(d.Executable(t)), djangotest.WithSettings(
		`SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"`,
		fmt.Sprintf(`CACHES = {"default": {"BACKEND": %q, "LOCATION": %q, "KEY_PREFIX": %q}}`,
			redisBackend, servers.Redis(t).URL(0), testenv.NewKeyPrefix()),
	))
	checkKit(t, site, "ann")
}

// memberModel is a user model with a UUID as its key, an e-mail address as its name, and a
// table of its own.
const memberModel = `
import uuid
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

class Member(AbstractBaseUser):
    ref = models.UUIDField(primary_key=True, default=uuid.uuid4)
    email = models.EmailField(unique=True, db_column="mail")
    nick = models.CharField(max_length=30, blank=True)
    objects = BaseUserManager()
    USERNAME_FIELD = "email"

    class Meta:
        db_table = "shop_members"
`

// TestKitUserModel: the same, with the oldest and the newest Django and a custom user model.
func TestKitUserModel(t *testing.T) {
	djangos := testenv.Djangos(t)
	for _, d := range []testenv.Django{djangos[0], djangos[len(djangos)-1]} {
		t.Run(d.Name, func(t *testing.T) {
			t.Parallel()
			site := djangotest.Site(t, djangotest.WithPython(d.Executable(t)), djangotest.WithApp("members", memberModel), djangotest.WithSettings(
				`AUTH_USER_MODEL = "members.Member"`,
				`INSTALLED_APPS.remove("django.contrib.admin")`,
			))
			site.NewUser(t, "ben@example.org", "", map[string]any{"nick": "ben"})
			checkKit(t, site, "ben@example.org")
		})
	}
}

// kitSite is a project and the service beside it.
type kitSite struct {
	*djangotest.Project
	sessions *django.Sessions
	users    *usertable.Table
	logins   *auth.Logins
	settings django.Settings
	engine   django.Engine
}

func openKitSite(t *testing.T, project *djangotest.Project) kitSite {
	t.Helper()
	s := kitSite{Project: project, settings: project.Settings(t)}
	database := s.settings.Databases["default"]
	db, err := sqlx.Open(database.Driver, database.DSN())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	s.engine = dbstore.New(db)
	if s.settings.SessionEngine == django.EngineCachedDB {
		client, err := rediscache.NewClient(s.settings.Caches["default"].Location())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = client.Close() })
		s.engine = cachestore.NewCachedDB(s.engine, rediscache.New(client))
	}
	quiet := slog.New(slog.DiscardHandler) // rejections are expected
	if s.sessions, err = django.New(s.settings, s.engine, django.WithLogger(quiet)); err != nil {
		t.Fatal(err)
	}
	if s.users, err = usertable.Open(db, s.sessions); err != nil {
		t.Fatal(err)
	}
	if s.logins, err = auth.New(s.sessions, s.users, auth.WithLogger(quiet)); err != nil {
		t.Fatal(err)
	}
	return s
}

// checkKit proves the round trips for a user without a password.
func checkKit(t *testing.T, project *djangotest.Project, username string) {
	s := openKitSite(t, project)
	t.Run("Go creates", s.goCreates)
	t.Run("Django creates", s.djangoCreates)
	t.Run("expiry", s.expiry)
	t.Run("Django logs in", func(t *testing.T) { s.djangoLogsIn(t, username) })
	t.Run("Go logs in", func(t *testing.T) { s.goLogsIn(t, username) })
}
