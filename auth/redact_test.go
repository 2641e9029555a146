package auth_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/django"
)

// TestLoginsKeepSecrets: however they are printed.
func TestLoginsKeepSecrets(t *testing.T) {
	s := newSite(t, func(set *django.Settings) { set.SecretKeyFallbacks = []string{"an older secret"} })
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "logins", s.logins)
	for _, printed := range []string{log.String(), fmt.Sprintf("%v %+v %#v", s.logins, s.logins, *s.logins)} {
		if strings.Contains(printed, s.settings.SecretKey) || strings.Contains(printed, "an older secret") {
			t.Error(printed)
		}
	}
}

// TestUserKeepsThePassword: however a user is printed, the hash and what is personal are
// not.
func TestUserKeepsThePassword(t *testing.T) {
	u := auth.User{ID: "1", Username: "ann", Password: "md5$salt$hash", Email: "md5$@example.com", FirstName: "md5$", LastName: "md5$"}.
		WithExtra(map[string]any{"token": "md5$"})
	text, err := json.Marshal(u)
	if err != nil || strings.Contains(string(text), "assword") || strings.Contains(string(text), "mail") {
		t.Fatal(err)
	}
	inXML, err := xml.Marshal(u)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "user", u, "pointer", &u, "in", []auth.User{u})
	for _, printed := range []string{string(text), string(inXML), log.String(), fmt.Sprintf("%v %+v %#v %s %q", u, u, u, u, []auth.User{u}), fmt.Sprint(&u)} {
		if strings.Contains(printed, "md5$") || !strings.Contains(printed, "ann") {
			t.Error(printed)
		}
	}
}
