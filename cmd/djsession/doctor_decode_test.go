package main

import (
	"encoding/base64"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/django"

	"github.com/djsession/djsession/signing"
)

// signedWith is a site whose sessions are signed with a key, seen with another.
func signedWith(t *testing.T, site, seen string) (*cli, []string) {
	t.Helper()
	c := newSite(t).with("DJANGO_SECRET_KEY", site)
	for range 3 {
		c.create(`{"a":1}`)
	}
	return c.with("DJANGO_SECRET_KEY", seen), nil
}

// written is a site whose sessions are made with some settings, seen with others: pairs of
// names and values, of both.
func written(t *testing.T, made, seen [][2]string) (*cli, []string) {
	t.Helper()
	c := newSite(t)
	by := c
	for _, set := range made {
		by = by.with(set[0], set[1])
	}
	by.create(`{"a":1}`)
	by.create(`{"b":2}`)
	for _, set := range seen {
		c = c.with(set[0], set[1])
	}
	return c, nil
}

// rotated is a site that signed one session with an old key, and one with a new key an hour later.
func rotated(t *testing.T, seen string) *cli {
	t.Helper()
	c := newSite(t)
	for i, key := range []string{"the old key of the site", "the new key of the site"} {
		at := time.Now().Add(time.Duration(i-2) * time.Hour)
		text := strings.TrimSpace(c.with("DJANGO_SECRET_KEY", key).ok("encode", `{"a":1}`, "--timestamp", fmt.Sprint(at.Unix())))
		c.insert(fmt.Sprintf("%032d", i), text, at.Add(1209600*time.Second).UTC().Format("2006-01-02 15:04:05"))
	}
	return c.with("DJANGO_SECRET_KEY", seen)
}

const longKey = `k$ey-w1th-"s0me"-$HOME-od#d\ch%arac'ters`

func TestDoctorOnKeys(t *testing.T) {
	sees := func(site, seen string) func(*testing.T) (*cli, []string) {
		return func(t *testing.T) (*cli, []string) { return signedWith(t, site, seen) }
	}
	diagnosed(t, map[string]brokenSetup{
		"another":                 {"secret-key-wrong", sees(longKey, "the secret key of another site")},
		"a blank at the end":      {"secret-key-blanks", sees(longKey, longKey+" ")},
		"a line break at the end": {"secret-key-blanks", sees(longKey, longKey+"\n")},
		"the site has it":         {"secret-key-blanks", sees(longKey+"\n", longKey)},
		"quotes":                  {"secret-key-quotes", sees(longKey, `"`+longKey+`"`)},
		"the site has quotes":     {"secret-key-quotes", sees(`'`+longKey+`'`, longKey)},
		"bytes' repr":             {"secret-key-repr", sees(`a-key-of-some-20-'chars'\`, `b"a-key-of-some-20-'chars'\\"`)},
		"bytes' repr, plain":      {"secret-key-repr", sees("a-key-of-some-20-characters", "b'a-key-of-some-20-characters'")},
		"a line of a .env file":   {"secret-key-line", sees(longKey, `export SECRET_KEY="`+longKey+`"`)},
		"a short key, and right":  {"", sees("dev", "dev")},
		"two dollars":             {"secret-key-shell", sees(longKey, strings.ReplaceAll(longKey, "$", "$$"))},
		"backslashes":             {"secret-key-shell", sees("a-key-of-$ome-20-characters", `a-key-of-\$ome-20-characters`)},
		"percent-encoded":         {"secret-key-escaped", sees("a-key-of-s@me-20-characters", "a-key-of-s%40me-20-characters")},
		"base64":                  {"secret-key-escaped", sees(longKey, base64.StdEncoding.EncodeToString([]byte(longKey)))},
		"old":                     {"secret-key-old", func(t *testing.T) (*cli, []string) { return rotated(t, "the old key of the site"), nil }},
		"without the fallback":    {"fallbacks-missing", func(t *testing.T) (*cli, []string) { return rotated(t, "the new key of the site"), nil }},
		"two sites in one table": {"sessions-unreadable", func(t *testing.T) (*cli, []string) {
			c := newSite(t)
			for i := range 6 {
				at := time.Now().Add(time.Duration(i-6) * time.Minute)
				text := strings.TrimSpace(c.with("DJANGO_SECRET_KEY", fmt.Sprintf("the secret key of site %d", i%2)).ok("encode", `{"a":1}`, "--timestamp", fmt.Sprint(at.Unix())))
				c.insert(fmt.Sprintf("%032d", i), text, at.Add(1209600*time.Second).UTC().Format("2006-01-02 15:04:05"))
			}
			return c.with("DJANGO_SECRET_KEY", "the secret key of site 0"), nil
		}},
		"fallbacks that the version ignores": {"fallbacks-ignored", func(t *testing.T) (*cli, []string) {
			return rotated(t, "the new key of the site").with("DJANGO_SECRET_KEY_FALLBACKS", "the old key of the site").with("DJANGO_VERSION", "4.0"), nil
		}},
	})
	r := diagnose(t, rotated(t, "the new key of the site").with("DJANGO_SECRET_KEY_FALLBACKS", "the old key of the site"))
	for _, x := range r.Checks {
		if x.Check == "sessions" && (x.Status != markOK || !strings.Contains(x.Found, "1 of them by a key of SECRET_KEY_FALLBACKS")) {
			t.Errorf("%+v", x)
		}
	}
}

// TestMistakesInKeys: what a shell or a file made of the site's key is known if the site tells it.
func TestMistakesInKeys(t *testing.T) {
	needs(t, "sh")
	expanded, err := exec.Command("sh", "-c", `HOME=; printf %s "k$ey-w1th-#o$HOME-od"`).Output()
	if err != nil {
		t.Fatal(err)
	}
	for mine, want := range map[string]string{
		string(expanded):             "secret-key-shell",
		"kvalue-w1th-#o/root-od":     "secret-key-shell",
		"KEY=k$ey-w1th-#o$HOME-od":   "secret-key-line",
		"k$ey-w1th-":                 "secret-key-comment",
		"k$ey-w1th-#o$HOME-od\n":     "secret-key-blanks",
		"k$$ey-w1th-#o$$HOME-od":     "secret-key-shell",
		`'k$ey-w1th-#o$HOME-od'`:     "secret-key-quotes",
		`b'k$ey-w1th-#o$HOME-od'`:    "secret-key-repr",
		"k%24ey-w1th-%23o%24HOME-od": "secret-key-escaped",
		"a$ey-w1th-#o$HOME-od":       "",
		"bm90IHRoZSBrZXk=":           "",
	} {
		problem := ""
		if m := mistakeIn(mine, "k$ey-w1th-#o$HOME-od"); m != nil {
			problem = m.problem
		}
		if problem != want {
			t.Errorf("%q: %q, want %q", mine, problem, want)
		}
	}
	for _, lost := range []string{`"`, `'`, `\`} {
		if m := mistakeIn("ab", "a"+lost+"b"+lost); m == nil || m.problem != "secret-key-shell" {
			t.Errorf("%s: %v", lost, m)
		}
	}
}

func TestDoctorOnFormats(t *testing.T) {
	v := func(pairs ...string) (all [][2]string) {
		for i := 0; i < len(pairs); i += 2 {
			all = append(all, [2]string{pairs[i], pairs[i+1]})
		}
		return all
	}
	seen := func(made, seen [][2]string) func(*testing.T) (*cli, []string) {
		return func(t *testing.T) (*cli, []string) { return written(t, made, seen) }
	}
	diagnosed(t, map[string]brokenSetup{
		"another store class":       {"store-class", seen(v("DJANGO_SESSION_STORE_CLASS", "CustomSessionStore"), nil)},
		"no store class of its own": {"store-class", seen(nil, v("DJANGO_SESSION_STORE_CLASS", "ShopStore"))},
		"pickles":                   {"serializer-pickle", seen(v("DJANGO_VERSION", "4.2", "DJANGO_SESSION_SERIALIZER", "pickle"), nil)},
		"old pickles":               {"serializer-pickle", seen(v("DJANGO_VERSION", "2.2", "DJANGO_SESSION_SERIALIZER", "pickle"), nil)},
		"no pickles":                {"serializer-json", seen(nil, v("DJANGO_VERSION", "4.2", "DJANGO_SESSION_SERIALIZER", "pickle"))},
		"before 3.1":                {"format-pre31", seen(v("DJANGO_VERSION", "2.2"), nil)},
		"after 3.1":                 {"django-version", seen(nil, v("DJANGO_VERSION", "2.2"))},
		"two mistakes":              {"secret-key-blanks store-class", seen(v("DJANGO_SESSION_STORE_CLASS", "CustomSessionStore"), v("DJANGO_SECRET_KEY", testSecret+" "))},
		"SHA-1": {"format-sha1", func(t *testing.T) (*cli, []string) {
			c := newSite(t)
			signer, err := signing.NewTimestampSigner(testSecret, signing.Options{Salt: "django.contrib.sessions.SessionStore", Algorithm: signing.SHA1})
			if err != nil {
				t.Fatal(err)
			}
			text, err := signer.SignObject(map[string]int{"a": 1}, false)
			if err != nil {
				t.Fatal(err)
			}
			c.insert("0123456789abcdef0123456789abcdef", text, inTwoWeeks())
			return c, nil
		}},
		"a large one": {"session-large", func(t *testing.T) (*cli, []string) {
			c := newSite(t)
			c.insert("0123456789abcdef0123456789abcdef", sign(t, c, `{"a":"`+strings.Repeat("x", 5<<20)+`"}`), inTwoWeeks())
			return c, nil
		}},
		"another program's": {"engine-other", func(t *testing.T) (*cli, []string) {
			c := newSite(t)
			c.insert("0123456789abcdef0123456789abcdef", `{"user": 7}`, "2999-01-01 00:00:00")
			return c, nil
		}},
		"one damaged": {"sessions-unreadable", func(t *testing.T) (*cli, []string) {
			c := newSite(t)
			key := c.create(`{"a":1}`)
			c.insert("0123456789abcdef0123456789abcdef", c.data(key)+"x", "2999-01-01 00:00:00")
			c.create(`{"a":1}`)
			return c, nil
		}},
	})
}

// inTwoWeeks is when a session ends that is made now.
func inTwoWeeks() string {
	return time.Now().Add(1209600 * time.Second).UTC().Format("2006-01-02 15:04:05")
}

func TestDoctorOnTimes(t *testing.T) {
	stored := func(useTZ, zone string) func(*testing.T) (*cli, []string) {
		return func(t *testing.T) (*cli, []string) {
			return written(t, [][2]string{{"DJANGO_USE_TZ", useTZ}, {"DJANGO_TIME_ZONE", zone}}, nil)
		}
	}
	diagnosed(t, map[string]brokenSetup{
		"Django's default zone": {"time-zone", stored("False", "America/Chicago")},
		"another zone":          {"time-zone", stored("False", "Asia/Kathmandu")},
		"across a change of the clocks": {"", func(t *testing.T) (*cli, []string) {
			local := [][2]string{{"DJANGO_USE_TZ", "False"}, {"DJANGO_TIME_ZONE", "America/Chicago"}, {"DJANGO_SESSION_COOKIE_AGE", "15552000"}}
			return written(t, local, local)
		}},
		"another age": {"cookie-age-differs", func(t *testing.T) (*cli, []string) {
			return written(t, [][2]string{{"DJANGO_SESSION_COOKIE_AGE", "3600"}}, nil)
		}},
		"signed in the future": {"clock-differs cookie-age-differs", func(t *testing.T) (*cli, []string) {
			c := newSite(t)
			at := time.Now().Add(10 * time.Minute)
			text := strings.TrimSpace(c.ok("encode", `{"a":1}`, "--timestamp", fmt.Sprint(at.Unix())))
			c.insert("0123456789abcdef0123456789abcdef", text, "2999-01-01 00:00:00")
			return c, nil
		}},
	})
}

// TestExpiryAfter: 14 days of local time are an hour more if daylight saving ends in them.
func TestExpiryAfter(t *testing.T) {
	stored := time.Date(2026, 10, 25, 17, 0, 0, 0, time.UTC)
	for useTZ, want := range map[bool]int{true: 17, false: 18} {
		d := &doctor{set: django.Settings{UseTZ: &useTZ, TimeZone: "America/Chicago"}}
		if got := d.expiryAfter(stored, 14*24*time.Hour); !got.Equal(time.Date(2026, 11, 8, want, 0, 0, 0, time.UTC)) {
			t.Errorf("USE_TZ %v: %s", useTZ, got)
		}
	}
}
