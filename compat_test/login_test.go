package compat

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/fixtures"
	"github.com/djsession/djsession/internal/testenv"
)

// logins: both sides accept the same logins, agree on who is logged in, and continue each
// other's sessions.
func logins(t *testing.T, c *cell) {
	prepareUsers(t, c)
	keys, models := []userModel{djangosUser}, []userModel{djangosUser}
	if !c.inner && c.database.Vendor == testenv.MySQLVendor || c.newest && c.database.Vendor == testenv.PostgreSQLVendor {
		keys = append(keys, account) // stored as char(32), or in a type of the database
	}
	if c.newest && c.database.Vendor != testenv.PostgreSQLVendor {
		keys = append(keys, member)
	}
	if !c.inner || c.django.Name == "4.2" || c.django.Name == "5.2" {
		models = append(models, account)
	}
	for _, model := range keys {
		t.Run("who is logged in/"+model.name, func(t *testing.T) { whoIsLoggedIn(t, c, model) })
	}
	t.Run("user names", func(t *testing.T) { userNames(t, c) })
	c.stop(t)
	for _, model := range models {
		if !c.inner || c.database.Vendor == testenv.SQLiteVendor || !full {
			t.Run("permissions/"+model.name, func(t *testing.T) { permissions(t, c, model) })
		}
		t.Run("journeys/"+model.name, func(t *testing.T) { journeys(t, c, model, 0) })
		if c.newest {
			model.options = append(slices.Clone(model.options), usertable.WithJoin())
			t.Run("journeys in one query/"+model.name, func(t *testing.T) { journeys(t, c, model, 10_000) })
		}
	}
}

// journeys makes the same visits to Django alone, and to both sides alternately. Users and
// sessions must be the same at the end. first is the number of the first run, by which its users
// are named.
func journeys(t *testing.T, c *cell, model userModel, first int) {
	model.use(t, c)
	sites := map[string]*loginSite{}
	var runs []*run
	// The other journeys depend on neither the database nor the Django.
	core := c.inner || c.database.Vendor != testenv.SQLiteVendor
	for i, j := range allJourneys {
		switch {
		case !j.since.before(c.django), j.only != "" && j.only != c.django.Name, core && !j.core, model.name != djangosUser.name && !j.anyModel:
			continue
		}
		for _, r := range j.rounds {
			if sites[r.site] == nil {
				sites[r.site] = newLoginSite(t, c, model, journeySites[r.site], atStoppedTime())
			}
		}
		for _, sides := range c.patterns(i, len(j.rounds)) {
			runs = append(runs, &run{journey: j, sides: sides, number: first + len(runs)})
		}
	}
	var usernames []string
	for _, r := range runs {
		usernames = append(usernames, r.named("ann"), r.named("bob"))
	}
	testenv.Tell(t, c.worker, "create_like_users", testenv.Args{"settings": sites[""].settings, "usernames": usernames, "password": "secret"})
	for i := 0; ; i++ {
		groups := map[string][]*run{}
		for _, r := range runs {
			if i < len(r.rounds) {
				group := r.rounds[i].site
				if r.sides[i] == 'G' && !r.rounds[i].django {
					group += " Go"
				}
				groups[group] = append(groups[group], r)
			}
		}
		if len(groups) == 0 {
			break
		}
		for group, members := range groups {
			visits := make([]visit, len(members))
			for k, r := range members {
				visits[k] = r.visit(i)
			}
			name, atGo := strings.CutSuffix(group, " Go")
			pay := sites[name].atDjango
			if atGo {
				pay = sites[name].atGo
			}
			for k, answer := range pay(t, visits) {
				members[k].note(i, answer)
			}
		}
	}
	conclude(t, runs, sites)

	var judged *run
	compared := 0
	for _, r := range runs {
		if !strings.Contains(r.sides, "G") {
			judged = r
			continue
		}
		compared++
		if r.log != judged.log {
			t.Errorf("%s\nvisits to Django and Go, %s:\n%s\nto Django alone:\n%s", r.name, r.sides, r.log, judged.log)
		}
	}
	if compared == 0 {
		t.Error("nothing was compared")
	}
}

// patterns returns which side gets each of the n visits of a journey, with Django alone
// first. There are more with the newest Django, and most on SQLite.
func (c *cell) patterns(journey, n int) []string {
	patterns := []string{"D", "DG", "GD", "G"}
	switch {
	case !c.newest:
		begins := journey
		if c.database.Vendor == testenv.MySQLVendor {
			begins++ // the other way round
		}
		patterns = []string{"D", patterns[1+begins%2]}
	case c.database.Vendor != testenv.SQLiteVendor:
		patterns = patterns[:3]
	}
	var all []string
	for _, p := range patterns {
		if sides := strings.Repeat(p, n)[:n]; !slices.Contains(all, sides) {
			all = append(all, sides)
		}
	}
	return all
}

// run is a journey with a side for each visit, and its own users.
type run struct {
	journey
	sides  string
	number int
	keys   []string       // each session key in the order of appearance
	holds  map[int]string // by browser
	log    string
}

// named is the username, in this run, of a user of the journey.
func (r *run) named(user string) string { return user + r.suffix() }

func (r *run) suffix() string { return fmt.Sprintf("-%d@example.com", r.number) }

func (r *run) visit(i int) visit {
	v := visit{SessionKey: r.holds[r.rounds[i].browser]}
	for _, s := range r.rounds[i].steps {
		s = slices.Clone(s)
		for k, argument := range s {
			if argument == "ann" || argument == "bob" {
				s[k] = r.named(argument.(string))
			}
		}
		v.Steps = append(v.Steps, s)
	}
	return v
}

func (r *run) note(i int, answer visited) {
	browser := r.rounds[i].browser
	if r.holds == nil {
		r.holds = map[int]string{}
	}
	r.holds[browser] = answer.SessionKey
	holds := "none"
	if answer.SessionKey != "" {
		if !slices.Contains(r.keys, answer.SessionKey) {
			r.keys = append(r.keys, answer.SessionKey)
		}
		holds = fmt.Sprint(slices.Index(r.keys, answer.SessionKey))
	}
	r.write("%v gives %v; browser %d has key %s", r.rounds[i].steps, answer.Results, browser, holds)
}

func (r *run) write(format string, args ...any) {
	r.log += strings.ReplaceAll(fmt.Sprintf(format, args...), r.suffix(), "") + "\n"
}

// fate is a session at the end, as Django reads it.
type fate struct {
	Values     fixtures.Value `json:"values"`
	ExpireDate string         `json:"expire_date"`
	Username   *string        `json:"username"`
}

type userState struct {
	LastLogin *string  `json:"last_login"`
	Password  []string `json:"password"`
}

// conclude adds to each run the state of its sessions and users, and who is logged in, on
// the site of its last visit.
func conclude(t *testing.T, runs []*run, sites map[string]*loginSite) {
	t.Helper()
	bySite := map[string][]*run{}
	for _, r := range runs {
		last := r.rounds[len(r.rounds)-1].site
		bySite[last] = append(bySite[last], r)
	}
	for name, members := range bySite {
		site := sites[name]
		var keys, usernames []string
		for _, r := range members {
			keys = append(keys, r.keys...)
			usernames = append(usernames, r.named("ann"), r.named("bob"))
		}
		fates := ask[[]*fate](t, site, "fates", testenv.Args{"session_keys": keys})
		states := ask[[]*userState](t, site, "state_of_users", testenv.Args{"usernames": usernames})
		for i, r := range members {
			for k, key := range r.keys {
				f := fates[0]
				fates = fates[1:]
				if f == nil {
					r.write("key %d is gone", k)
					if _, err := site.sessions.Load(t.Context(), key); !errors.Is(err, django.ErrNotFound) {
						t.Errorf("%s, %s: key %d: Django says that it is gone, and Go loads it (%v)", r.name, r.sides, k, err)
					}
					continue
				}
				username := "nobody"
				if f.Username != nil {
					username = *f.Username
				}
				if v, err := site.inspect(t, key); err != nil || userOr(v, "nobody") != username {
					t.Errorf("%s, %s: key %d: Django says that %s is logged in, Go %s (%v, %v)", r.name, r.sides, k, username, userOr(v, "nobody"), v.Reason, err)
				}
				r.write("key %d until %s: %s, %s", k, f.ExpireDate, username, f.Values)
			}
			for k, user := range []string{"ann", "bob"} {
				if s := states[2*i+k]; s == nil {
					r.write("%s is gone", user)
				} else if s.LastLogin == nil {
					r.write("%s: %v", user, s.Password)
				} else {
					r.write("%s: %v, last login %s", user, s.Password, *s.LastLogin)
				}
			}
		}
	}
}

func userOr(v auth.Verdict, nobody string) string {
	if v.User.IsAuthenticated() {
		return v.User.Username
	}
	return nobody
}

// inspect returns who is logged in for Go. An unreadable session counts as empty.
func (s *loginSite) inspect(t *testing.T, key string) (auth.Verdict, error) {
	t.Helper()
	session, err := s.sessions.Load(t.Context(), key)
	if isAnswer(err) {
		return auth.Verdict{Reason: err}, nil
	}
	if err != nil {
		return auth.Verdict{}, err
	}
	return s.logins.Inspect(t.Context(), session)
}

// isAnswer reports whether an error of Load means that there is no such session.
func isAnswer(err error) bool {
	return errors.Is(err, django.ErrNotFound) || errors.Is(err, django.ErrCorrupt) || errors.Is(err, django.ErrUnreadable)
}
