package compat

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// howManyOdd returns how many logins are compared: most with the newest Django and on SQLite.
func (c *cell) howManyOdd(t *testing.T, model userModel) int {
	sqlite := c.database.Vendor == testenv.SQLiteVendor
	switch {
	case model.name == djangosUser.name && (c.newest || sqlite && !c.inner):
		return 500
	case c.newest || sqlite:
		return 250
	}
	return 100
}

// oddLogin is a session with a valid or invalid login, and the result of get_user.
type oddLogin struct {
	SessionKey string `json:"session_key"`
	About      string `json:"about"`

	judged getUser
}

// getUser is the result of Django's get_user for a session.
type getUser struct {
	ID       string `json:"id"` // "" if nobody is logged in
	Username string `json:"username"`
	Flush    bool   `json:"flush"`
	Renew    bool   `json:"renew"`
	Raises   string `json:"raises"`
}

func (g getUser) String() string {
	if g.Raises != "" {
		return "raises " + g.Raises
	}
	return fmt.Sprintf("user %q %q, flush %t, renew %t", g.ID, g.Username, g.Flush, g.Renew)
}

// newOddSite returns a site with SECRET_KEY_FALLBACKS, if that Django has them.
func newOddSite(t *testing.T, c *cell, model userModel) *loginSite {
	t.Helper()
	var s loginSettings
	if c.django.AtLeast(4, 1) {
		fallbacks := []string{"an older secret", "the oldest secret"}
		s.django = map[string]any{"SECRET_KEY_FALLBACKS": fallbacks}
		s.change = func(s *django.Settings) { s.SecretKeyFallbacks = fallbacks }
	}
	return newLoginSite(t, c, model, s)
}

// oddLogins makes the sessions and calls get_user for them.
func oddLogins(t *testing.T, s *loginSite, count int) []oddLogin {
	t.Helper()
	made := ask[[]oddLogin](t, s, "create_odd_logins", testenv.Args{"seed": s.seed(), "count": count})
	keys := make([]string, len(made))
	for i, m := range made {
		keys[i] = m.SessionKey
	}
	counts := map[string]int{}
	for i, judged := range ask[[]getUser](t, s, "who_many", testenv.Args{"session_keys": keys}) {
		made[i].judged = judged
		switch {
		case judged.Raises != "":
			counts["raises"]++
		case judged.Flush:
			counts["flushes"]++
		case judged.ID == "":
			counts["anonymous"]++
		case judged.Renew:
			counts["logged in, renews"]++
		default:
			counts["logged in"]++
		}
	}
	t.Logf("of %d, Django says %v", len(made), counts)
	for _, verdict := range []string{"raises", "flushes", "anonymous", "logged in", "logged in, renews"} {
		if counts[verdict] == 0 && (verdict != "logged in, renews" || s.django.AtLeast(4, 1)) {
			t.Errorf("there is no case of %q", verdict)
		}
	}
	if len(made) != count {
		t.Errorf("%d logins, want %d", len(made), count)
	}
	return made
}

// whoIsLoggedIn: Inspect returns for each session what get_user does with it.
func whoIsLoggedIn(t *testing.T, c *cell, model userModel) {
	model.use(t, c)
	s := newOddSite(t, c, model)
	disagree := 0
	count := c.howManyOdd(t, model)
	for _, l := range oddLogins(t, s, count) {
		v, err := s.inspect(t, l.SessionKey)
		got := getUser{ID: v.User.ID, Username: v.User.Username, Flush: v.Flush, Renew: v.Renew}
		want := l.judged
		want.Raises = ""
		if c.ignoresNUL() && model.name == member.name && nulInID.MatchString(loginOf(t, s, l.SessionKey)) {
			want = getUser{}
		}
		if got == want && err == nil {
			continue
		}
		if disagree++; disagree <= 10 {
			t.Errorf("%s: Go: %s (%v, %v); Django: %s\n%s", l.About, got, v.Reason, err, l.judged, loginOf(t, s, l.SessionKey))
		}
	}
	if disagree > 0 {
		t.Errorf("%d of %d disagree", disagree, count)
	}
}

var nulInID = regexp.MustCompile(`_auth_user_id "[^"]*\\u0000`)

// loginOf formats a session's login.
func loginOf(t *testing.T, s *loginSite, key string) string {
	session, err := s.sessions.Load(t.Context(), key)
	if err != nil {
		return err.Error()
	}
	var text []string
	for name, value := range session.Items() {
		text = append(text, fmt.Sprintf("%s %.200s", name, value.Bytes()))
	}
	return strings.Join(text, ", ")
}

// TestWhoami compares Django's get_user and the command for the same sessions.
func TestWhoami(t *testing.T) {
	t.Parallel()
	c := newCell(t, testenv.NewestDjango(t), testenv.SQLite(t), nil, nil)
	cmd := newCommand(t, c.database)
	prepareUsers(t, c)
	s := newOddSite(t, c, djangosUser)
	cmd.env = append(cmd.env, "DJANGO_SECRET_KEY_FALLBACKS="+strings.Join(s.sessions.Settings().SecretKeyFallbacks, ","))
	made := oddLogins(t, s, times(500, 60))
	before := testenv.Ask[[]testenv.Row](t, c.worker, "rows", nil)

	var wg sync.WaitGroup
	free := make(chan struct{}, runtime.NumCPU())
	problems := make([]string, len(made))
	for i, l := range made {
		free <- struct{}{}
		wg.Go(func() {
			problems[i] = compareWhoami(t, cmd, l)
			<-free
		})
	}
	wg.Wait()
	agreed := 0
	for i, problem := range problems {
		if problem == "" {
			agreed++
			continue
		}
		t.Errorf("%s: %s; Django: %s\n%s", made[i].About, problem, made[i].judged, loginOf(t, s, made[i].SessionKey))
	}
	t.Logf("%d of %d agree", agreed, len(made))
	if after := testenv.Ask[[]testenv.Row](t, c.worker, "rows", nil); !slices.Equal(before, after) {
		t.Error("sessions were changed")
	}
}

// compareWhoami returns the difference between the command and Django, if there is one.
func compareWhoami(t *testing.T, c *command, l oddLogin) string {
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), c.binary, "whoami", l.SessionKey)
	cmd.Env, cmd.Stdout, cmd.Stderr = c.env, &stdout, &stderr
	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() == 1 && l.judged.ID == "" {
		if stdout.Len() > 0 || stderr.Len() == 0 {
			return fmt.Sprintf("it prints %q, and as a reason %q", stdout.String(), stderr.String())
		}
		return ""
	}
	if err != nil {
		return fmt.Sprintf("%v: %s", err, stderr.String())
	}
	var user struct {
		ID       json.Number `json:"id"`
		Username string      `json:"username"`
	}
	if err := json.Unmarshal(stdout.Bytes(), &user); err != nil {
		return err.Error()
	}
	if user.ID.String() != l.judged.ID || user.Username != l.judged.Username {
		return fmt.Sprintf("it prints %s", stdout.String())
	}
	return ""
}
