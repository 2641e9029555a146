package compat

import (
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// journey is what happens on a site, visit by visit. There are two users, ann and
// bob, whose password is "secret".
type journey struct {
	name     string
	rounds   []round
	since    since
	only     string // only with this Django
	core     bool   // also where only some journeys run
	anyModel bool   // also with a custom user model
}

// since is a Django's major and minor version.
type since [2]int

func (s since) before(d testenv.Django) bool { return d.AtLeast(s[0], s[1]) }

// round is one visit, by one of the browsers, on one of the sites.
type round struct {
	browser int
	site    string
	django  bool // only Django can do it
	steps   []step
}

func browser(number int, steps ...step) round { return round{browser: number, steps: steps} }

// atDjangoOnly is a visit to Django, for instance to its admin.
func atDjangoOnly(steps ...step) round { return round{browser: 9, django: true, steps: steps} }

func (r round) on(site string) round {
	r.site = site
	return r
}

const (
	newSecret      = "the secret that came after it"
	allUsers       = "django.contrib.auth.backends.AllowAllUsersModelBackend"
	defaultBackend = "django.contrib.auth.backends.ModelBackend"
)

// journeySites are sites by name: "" and others with changed settings.
var journeySites = map[string]loginSettings{
	"": {},
	"rotated": {django: map[string]any{"SECRET_KEY": newSecret, "SECRET_KEY_FALLBACKS": []string{"an older one", secret}},
		change: func(s *django.Settings) {
			s.SecretKey, s.SecretKeyFallbacks = newSecret, []string{"an older one", secret}
		}},
	"other secret": {django: map[string]any{"SECRET_KEY": newSecret}, change: func(s *django.Settings) { s.SecretKey = newSecret }},
	"all users": {django: map[string]any{"AUTHENTICATION_BACKENDS": []string{allUsers}},
		change: func(s *django.Settings) { s.AuthenticationBackends = []string{allUsers} }},
	"two backends": {django: map[string]any{"AUTHENTICATION_BACKENDS": []string{defaultBackend, allUsers}},
		change: func(s *django.Settings) { s.AuthenticationBackends = []string{defaultBackend, allUsers} }},
	"local time": {django: map[string]any{"USE_TZ": false, "TIME_ZONE": "America/Chicago"},
		change: func(s *django.Settings) { s.UseTZ, s.TimeZone = new(bool), "America/Chicago" }},
	"sha1": {django: map[string]any{"DEFAULT_HASHING_ALGORITHM": "sha1"},
		change: func(s *django.Settings) { s.SessionFormat = django.FormatPre31 }},
	"saved every time": {django: map[string]any{"SESSION_SAVE_EVERY_REQUEST": true}, change: func(s *django.Settings) { s.SessionSaveEveryRequest = true }},
}

var (
	who       = step{"who"}
	logOut    = step{"log out"}
	cart      = step{"set", "cart", []string{"SKU-1"}}
	theCart   = step{"get", "cart"}
	annLogsIn = step{"log in", "ann", "secret"}
	bobLogsIn = step{"log in", "bob", "secret"}
)

var allJourneys = []journey{
	{name: "in with a cart, and out", core: true, anyModel: true, rounds: []round{
		browser(0, cart), browser(0, annLogsIn), browser(0, who, theCart), browser(0, logOut), browser(0, who, theCart)}},
	{name: "in without a session", rounds: []round{browser(0, annLogsIn), browser(0, who)}},
	{name: "wrong password", rounds: []round{
		browser(0, cart), browser(0, step{"log in", "ann", "Secret"}, step{"log in", "carl", "secret"}), browser(0, who, theCart)}},
	{name: "another user", core: true, anyModel: true, rounds: []round{browser(0, annLogsIn, cart), browser(0, bobLogsIn), browser(0, who, theCart)}},
	{name: "the same user again", core: true, anyModel: true, rounds: []round{browser(0, annLogsIn, cart), browser(0, annLogsIn), browser(0, who, theCart)}},
	{name: "all in one visit", rounds: []round{browser(0, cart, annLogsIn, who, bobLogsIn, who, theCart, logOut, who, cart, annLogsIn, who), browser(0, who, theCart)}},
	{name: "out and in again in one visit", rounds: []round{browser(0, cart, annLogsIn), browser(0, who, logOut, annLogsIn, who), browser(0, who, theCart)}},
	{name: "out without a login", rounds: []round{browser(0, cart), browser(0, logOut), browser(0, theCart)}},
	{name: "out without a session", rounds: []round{browser(0, logOut, who)}},
	{name: "out in one browser", rounds: []round{browser(0, annLogsIn), browser(1, annLogsIn), browser(0, logOut), browser(1, who)}},
	{name: "the language stays, if that Django keeps it", rounds: []round{browser(0, step{"set", "_language", "fr"}, cart, annLogsIn), browser(0, logOut), browser(0, who)}},
	{name: "a language that is None", rounds: []round{browser(0, step{"set", "_language", nil}, annLogsIn), browser(0, logOut)}},

	{name: "password changed elsewhere", core: true, anyModel: true, rounds: []round{
		browser(0, cart, annLogsIn), browser(9, step{"set password", "ann", "new"}), browser(0, who, theCart)}},
	{name: "password changed, and logged in at once", rounds: []round{
		browser(0, annLogsIn, cart), browser(9, step{"set password", "ann", "new"}), browser(0, step{"log in", "ann", "new"}, theCart), browser(0, who)}},
	{name: "password changed, and the visit writes", rounds: []round{
		browser(0, annLogsIn), browser(9, step{"set password", "ann", "new"}), browser(0, who, cart), browser(0, who, theCart)}},
	{name: "own password changed", core: true, anyModel: true, rounds: []round{
		browser(0, annLogsIn, cart), browser(1, annLogsIn), browser(0, who, step{"change own password", "new"}), browser(0, who, theCart), browser(1, who)}},
	{name: "own password changed in the visit of the login", rounds: []round{browser(0, cart), browser(0, annLogsIn, step{"change own password", "new"}, who), browser(0, who)}},
	{name: "password changed to the same one", rounds: []round{browser(0, annLogsIn), browser(9, step{"set password", "ann", "secret"}), browser(0, who)}},
	{name: "outdated hash", core: true, anyModel: true, rounds: []round{
		atDjangoOnly(step{"set outdated password", "ann", "secret"}), browser(0, annLogsIn), browser(0, who), browser(1, annLogsIn)}},
	{name: "a hash that grew outdated", rounds: []round{
		browser(0, annLogsIn), atDjangoOnly(step{"set outdated password", "ann", "secret"}), browser(1, annLogsIn), browser(0, who), browser(1, who)}},
	{name: "outdated hash, wrong password", rounds: []round{
		atDjangoOnly(step{"set outdated password", "ann", "secret"}), browser(0, step{"log in", "ann", "Secret"})}},

	{name: "deactivated", core: true, anyModel: true, rounds: []round{
		browser(0, annLogsIn, cart), atDjangoOnly(step{"deactivate", "ann"}), browser(0, who, theCart), browser(0, annLogsIn, who, theCart)}},
	{name: "deactivated, and another logs in", rounds: []round{
		browser(0, annLogsIn, cart), atDjangoOnly(step{"deactivate", "ann"}), browser(0, bobLogsIn), browser(0, who, theCart)}},
	{name: "deactivated, where that does not matter", rounds: []round{
		browser(0, annLogsIn).on("all users"), atDjangoOnly(step{"deactivate", "ann"}), browser(0, who).on("all users"), browser(1, annLogsIn).on("all users")}},
	{name: "deleted", core: true, rounds: []round{
		browser(0, annLogsIn, cart), atDjangoOnly(step{"delete", "ann"}), browser(0, who, theCart), browser(0, annLogsIn, who, theCart), browser(0, bobLogsIn, who, theCart)}},
	{name: "backend gone", rounds: []round{browser(0, annLogsIn, cart), browser(0, who, theCart).on("all users"), browser(0, who, theCart)}},
	{name: "backend gone, and logged in by another", rounds: []round{browser(0, annLogsIn, cart), browser(0, annLogsIn).on("all users"), browser(0, who, theCart).on("all users")}},
	{name: "two backends", rounds: []round{
		browser(0, annLogsIn).on("two backends"), atDjangoOnly(step{"deactivate", "ann"}), browser(0, who).on("two backends"), browser(1, annLogsIn).on("two backends")}},

	{name: "secret rotated", core: true, anyModel: true, since: since{4, 1}, rounds: []round{
		browser(0, annLogsIn, cart), browser(0, who, theCart).on("rotated"), browser(0, who, theCart).on("rotated"), browser(0, who).on("other secret")}},
	{name: "secret rotated, and the user is not asked for", since: since{4, 1}, rounds: []round{
		browser(0, annLogsIn), browser(0, cart).on("rotated"), browser(0, who, theCart).on("rotated")}},
	{name: "secret rotated, and logged in again", core: true, since: since{4, 1}, rounds: []round{
		browser(0, annLogsIn, cart), browser(0, annLogsIn).on("rotated"), browser(0, who, theCart).on("rotated")}},
	{name: "secret rotated, asked and logged in again", since: since{4, 1}, rounds: []round{
		browser(0, annLogsIn, cart), browser(0, who, annLogsIn).on("rotated"), browser(0, who, theCart).on("rotated")}},
	{name: "secret rotated, and out", since: since{4, 1}, rounds: []round{browser(0, annLogsIn, cart), browser(0, who, logOut).on("rotated"), browser(0, who).on("rotated")}},
	{name: "secret rotated, and own password changed", since: since{4, 1}, rounds: []round{
		browser(0, annLogsIn), browser(0, step{"change own password", "new"}, who).on("rotated"), browser(0, who).on("other secret")}},
	{name: "secret rotated, and password changed", since: since{4, 1}, rounds: []round{
		browser(0, annLogsIn), browser(9, step{"set password", "ann", "new"}), browser(0, who).on("rotated")}},
	{name: "secret rotated, and deactivated", since: since{4, 1}, rounds: []round{
		browser(0, annLogsIn), atDjangoOnly(step{"deactivate", "ann"}), browser(0, who).on("rotated")}},
	{name: "secret rotated without a fallback", rounds: []round{browser(0, annLogsIn, cart), browser(0, who, theCart).on("other secret"), browser(0, who, theCart)}},
	{name: "back to the old secret", since: since{4, 1}, rounds: []round{browser(0, annLogsIn, cart).on("rotated"), browser(0, who, theCart)}},

	{name: "sha1", only: "3.2", core: true, rounds: []round{browser(0, annLogsIn, cart).on("sha1"), browser(0, who, theCart), browser(0, who, theCart).on("sha1")}},
	{name: "to sha1", only: "3.2", core: true, rounds: []round{browser(0, annLogsIn, cart), browser(0, who, theCart).on("sha1"), browser(0, who)}},
	{name: "sha1, and logged in again", only: "3.2", core: true, rounds: []round{browser(0, annLogsIn, cart).on("sha1"), browser(0, annLogsIn), browser(0, who, theCart)}},
	{name: "sha1, and password changed", only: "3.2", core: true, rounds: []round{browser(0, annLogsIn).on("sha1"), browser(9, step{"set password", "ann", "new"}), browser(0, who)}},

	{name: "local time", core: true, anyModel: true, rounds: []round{browser(0, annLogsIn).on("local time"), browser(0, who).on("local time")}},
	{name: "saved every time", rounds: []round{
		browser(0, cart, annLogsIn).on("saved every time"), browser(9, step{"set password", "ann", "new"}), browser(0, who).on("saved every time"), browser(0, who).on("saved every time")}},
}
