package sitesettings_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/djsession/djsession/internal/sitesettings"
)

const (
	sessionStore = "{'class': 'SessionStore', 'base': 'django.contrib.sessions.backends.db', 'salt': None, 'cache_key_prefix': None, 'overrides': []}"
	redisCache   = "{'default': {'BACKEND': 'django.core.cache.backends.redis.RedisCache', 'LOCATION': 'redis://:hush@h', 'KEY_PREFIX': 'shop'}}"
	zonedMySQL   = "{'default': {'ENGINE': 'django.db.backends.mysql', 'NAME': 'shop', 'PASSWORD': 'hush', 'TIME_ZONE': 'Asia/Tokyo'}}"
)

func content(t *testing.T, file sitesettings.File) string {
	t.Helper()
	text, err := file.JSON()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestDifferences(t *testing.T) {
	stored := content(t, convert(t, map[string]string{"ALLOWED_HOSTS": "['a']", "SESSION_STORE": sessionStore}))
	edited := strings.Replace(stored, "\n}", ",\n  \"LOGIN_URL\": \"/in/\",\n  \"READ_OLDER_FORMATS\": true\n}", 1)
	model := strings.Replace(stored, "\n}", ",\n  \"SESSION_MODEL\": {\"TABLE\": \"a\"}\n}", 1)
	hosts := map[string]string{"ALLOWED_HOSTS": "['a']", "SESSION_STORE": sessionStore}
	for name, tt := range map[string]struct {
		content string
		changes map[string]string
		want    string // the names that differ; then those that are not told
	}{
		"none":                   {stored, hosts, ""},
		"changed":                {stored, with(hosts, "ALLOWED_HOSTS", "['b']", "SECRET_KEY", "'x'", "USE_TZ", "False"), "ALLOWED_HOSTS SECRET_KEY USE_TZ"},
		"more":                   {stored, with(hosts, "SESSION_COOKIE_AGE", "1"), "SESSION_COOKIE_AGE"},
		"less":                   {stored, map[string]string{"SESSION_STORE": sessionStore}, "ALLOWED_HOSTS"},
		"set by hand":            {edited, with(hosts, "LOGIN_URL", "'login'"), ""},
		"no longer by hand":      {edited, hosts, "LOGIN_URL"},
		"a dump that tells":      {model, hosts, "SESSION_MODEL"},
		"a dump that tells not":  {model, map[string]string{"ALLOWED_HOSTS": "['a']"}, " SESSION_MODEL"},
		"with a byte order mark": {"\uFEFF" + stored, hosts, ""},
	} {
		differing, missing, err := convert(t, tt.changes).Differences([]byte(tt.content))
		got := strings.Join(differing, " ")
		if len(missing) > 0 {
			got += " " + strings.Join(missing, " ")
		}
		if err != nil || got != tt.want {
			t.Errorf("%s: %q, %v, want %q", name, got, err, tt.want)
		}
	}
}

// A dump of diffsettings does not tell the patch release.
func TestGivenVersion(t *testing.T) {
	stored := content(t, convert(t, map[string]string{"DJANGO_VERSION": "'5.2.19'"}))
	dump, err := sitesettings.Read([]byte(dumpText(nil)))
	if err != nil {
		t.Fatal(err)
	}
	for version, want := range map[string][]string{"5.2": nil, "5.2.19": nil, "5.2.1": {"DJANGO_VERSION"}, "5": nil, "4.2": {"DJANGO_VERSION"}} {
		file, err := sitesettings.Convert(dump, sitesettings.Options{DjangoVersion: version})
		if err != nil {
			t.Fatal(err)
		}
		if got, _, err := file.Differences([]byte(stored)); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %v", version, got, err)
		}
	}
}

func with(changes map[string]string, pairs ...string) map[string]string {
	all := map[string]string{}
	for name, repr := range changes {
		all[name] = repr
	}
	for pair := range slices.Chunk(pairs, 2) {
		all[pair[0]] = pair[1]
	}
	return all
}

// A file without secrets has what decides where sessions are, and can be compared.
func TestWithoutSecrets(t *testing.T) {
	site := map[string]string{"SESSION_ENGINE": "'django.contrib.sessions.backends.cached_db'", "SESSION_STORE": sessionStore, "CACHES": redisCache, "DATABASES": zonedMySQL}
	file := convert(t, site)
	public := content(t, file.WithoutSecrets())
	if strings.Contains(public, "hush") || !strings.Contains(public, `"KEY_PREFIX": "shop"`) || !strings.Contains(public, "Asia/Tokyo") {
		t.Errorf("without secrets:\n%s", public)
	}
	for name, tt := range map[string]struct {
		changes map[string]string
		want    []string
	}{
		"the same":          {site, nil},
		"other secrets":     {with(site, "SECRET_KEY", "'x'", "CACHES", strings.Replace(redisCache, "hush", "x", 1), "DATABASES", strings.Replace(zonedMySQL, "hush", "x", 1)), nil},
		"another prefix":    {with(site, "CACHES", strings.Replace(redisCache, "'shop'", "'x'", 1)), []string{"CACHES"}},
		"another time zone": {with(site, "DATABASES", strings.Replace(zonedMySQL, "Tokyo", "Seoul", 1)), []string{"DATABASES"}},
	} {
		got, _, err := convert(t, tt.changes).Differences([]byte(public))
		if err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, %v, want %v", name, got, err, tt.want)
		}
	}
}
