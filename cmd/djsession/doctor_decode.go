package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/djangoredis"
	"github.com/djsession/djsession/django"
)

// reading is a change of the settings with which sessions may be readable, and what it means.
type reading struct {
	problem, why, do string
	change           func(*django.Settings)
}

// explainUnread tries readings on the sessions that cannot be read, first each alone, then a key
// together with a format.
func (d *doctor) explainUnread(ctx context.Context, unread []int) []diagnosis {
	keys, formats := d.otherSecrets(), d.otherFormats()
	tries := [][]reading{}
	for _, r := range slices.Concat(keys, formats) {
		tries = append(tries, []reading{r})
	}
	for _, key := range keys {
		for _, format := range formats {
			tries = append(tries, []reading{key, format})
		}
	}
	all, left := len(d.stored), unread
	newest := unread[0] == 0
	var problems []diagnosis
	for _, try := range tries {
		set := d.set
		for _, r := range try {
			r.change(&set)
		}
		codec, err := django.NewCodec(set, nil)
		if err != nil {
			continue
		}
		var still []int
		for _, i := range left {
			if d.stored[i].data, err = codec.Decode(ctx, d.stored[i].text); err != nil {
				still = append(still, i)
			}
		}
		if read := len(left) - len(still); read > 0 {
			for _, r := range try {
				problems = append(problems, d.readDifferently(read, all, newest, r))
			}
		}
		if left = still; len(left) == 0 {
			return problems
		}
	}
	return append(problems, d.unexplained(left, len(unread))...)
}

// readDifferently is the diagnosis for sessions that a reading explains. It is a failure if the
// newest session is among those that cannot be read.
func (d *doctor) readDifferently(read, all int, newest bool, r reading) diagnosis {
	found := fmt.Sprintf("%d of the newest %s cannot be read, because %s", read, count(all, "session"), r.why)
	status := failLocal
	if !newest {
		status = warn
	}
	return status(r.problem, found, r.do)[0]
}

// otherSecrets returns the keys with which the sessions may be signed.
func (d *doctor) otherSecrets() (readings []reading) {
	place, fallbacks := d.place("secret-key"), d.place("secret-key-fallbacks")
	add := func(problem, key, why, do string) {
		if key != "" && key != d.set.SecretKey {
			readings = append(readings, reading{problem, why, do, func(s *django.Settings) { s.SecretKey, s.SecretKeyFallbacks = key, nil }})
		}
	}
	if d.theirs != nil {
		m := mistakeIn(d.set.SecretKey, d.theirs.SecretKey)
		switch {
		case slices.Contains(d.theirs.SecretKeyFallbacks, d.set.SecretKey):
			add("secret-key-old", d.theirs.SecretKey, "the site signs with a new SECRET_KEY, and "+place+" is an older one", "set "+place+" to the site's SECRET_KEY, and add the old one to "+fallbacks)
		case m != nil:
			add(m.problem, d.theirs.SecretKey, place+" "+m.what, m.change)
		}
		add("secret-key-wrong", d.theirs.SecretKey, "they are signed with the site's SECRET_KEY, and "+place+" is another", "set "+place+" to the site's SECRET_KEY")
		for _, key := range d.theirs.SecretKeyFallbacks {
			add("fallbacks-missing", key, "they are signed with a key of the site's SECRET_KEY_FALLBACKS, which the service does not know", "add it to "+fallbacks)
		}
	}
	for _, m := range keyMistakes {
		if m.undone != nil {
			add(m.problem, m.undone(d.set.SecretKey), place+" "+m.what, m.change)
		}
	}
	for _, end := range []string{"\n", " ", "\r\n"} {
		add("secret-key-blanks", d.set.SecretKey+end, place+" lacks a blank or line break at its end that the site's has", "strip the key in settings.py, which ends all sessions, or add it here")
	}
	for _, quote := range []string{`"`, `'`} {
		add("secret-key-quotes", quote+d.set.SecretKey+quote, place+" lacks quotes that are part of the site's key: its .env file has them", "remove them there, which ends all sessions, or add them here")
	}
	add("secret-key-shell", strings.ReplaceAll(d.set.SecretKey, "$", "$$"), place+" has $ where the site's key has $$", "double each $ in a Compose file")
	if len(d.set.SecretKeyFallbacks) > 0 { // for a DjangoVersion that ignores them
		for _, key := range d.set.SecretKeyFallbacks {
			add("fallbacks-ignored", key, "they are signed with a key of SECRET_KEY_FALLBACKS, which Django before 4.1 ignores", "set "+d.place("django-version")+" to the site's Django; if it is before 4.1, its visitors have lost these sessions")
		}
	}
	return readings
}

// storeClasses are names of session store classes to try, besides the site's.
var storeClasses = []string{"SessionStore", "CustomSessionStore", "CustomSession", "MySessionStore", "DBSessionStore", "CachedDBStore", "SessionBase"}

// otherFormats returns the formats in which the sessions may be.
func (d *doctor) otherFormats() (readings []reading) {
	version := d.place("django-version")
	add := func(problem, why, do string, change func(*django.Settings)) {
		readings = append(readings, reading{problem, why, do, change})
	}
	classes := storeClasses
	if d.theirs != nil {
		classes = append([]string{d.theirs.SessionStoreClass}, classes...)
	}
	for _, class := range classes {
		if class != d.set.SessionStoreClass {
			add("store-class", "they are signed by a session store of the class "+class+", and "+d.place("session-store-class")+" is "+d.set.SessionStoreClass, "set "+d.place("session-store-class")+" to "+class,
				func(s *django.Settings) { s.SessionStoreClass = class })
		}
	}
	if d.set.SessionSerializer == pickleSerializer {
		add("serializer-json", "they are JSON, and "+d.place("session-serializer")+" is PickleSerializer", "set "+d.place("session-serializer")+" to json",
			func(s *django.Settings) { s.SessionSerializer = jsonSerializer })
	} else {
		pickle := func(s *django.Settings) { s.SessionSerializer, s.DjangoVersion = pickleSerializer, "4.2" }
		const do = "set DJANGO_SESSION_SERIALIZER to pickle and DJANGO_VERSION to the site's; better, let the site go to JSONSerializer, which Django 5.0 and later require"
		add("serializer-pickle", "they are pickles", do, pickle)
		add("serializer-pickle", "they are pickles", do, func(s *django.Settings) { pickle(s); s.DjangoVersion = "2.2"; s.SessionFormat = django.FormatDefault })
	}
	if d.set.DjangoVersion != "" {
		add("django-version", "they are signed as a newer Django does than "+d.set.DjangoVersion, "set "+version+" to the site's Django: python -m django --version",
			func(s *django.Settings) { s.DjangoVersion, s.SessionFormat = "", django.FormatDefault })
	}
	add("format-pre31", "they are in the format before Django 3.1", "if the site runs Django before 3.1, set "+version+" to it; if it has been upgraded, set DJANGO_READ_OLDER_FORMATS, until they expire",
		func(s *django.Settings) { s.DjangoVersion, s.SessionFormat = "2.2", django.FormatDefault })
	add("format-sha1", "they are signed with SHA-1, as Django 3.1 and 3.2 do with DEFAULT_HASHING_ALGORITHM = 'sha1'", "set "+version+" to the site's Django, or DJANGO_READ_OLDER_FORMATS until they expire",
		func(s *django.Settings) { s.DjangoVersion, s.ReadOlderFormats = "3.2", true })
	add("session-large", "their compressed data is larger than what is read here", "raise Settings.MaxInflated if such sessions are genuine",
		func(s *django.Settings) { s.MaxInflated = 64 << 20 })
	return readings
}

const jsonSerializer = "django.contrib.sessions.serializers.JSONSerializer"

// unexplained is the diagnosis for sessions that no reading explains. When they were signed tells
// whether the key was changed.
func (d *doctor) unexplained(left []int, unread int) []diagnosis {
	all, place := len(d.stored), d.place("secret-key")
	readable := all - unread
	if readable == 0 && unread == len(left) {
		if d.otherText(left) {
			return failLocal("engine-other", "the newest sessions are not in a format of Django's database engine", "compare SESSION_ENGINE with the site's: another program or a package writes this table")
		}
		return failLocal("secret-key-wrong", fmt.Sprintf("none of the newest %s can be read, and neither another format nor a usual mistake in the key explains it: %s is not the SECRET_KEY that signs them", count(all, "session"), place),
			"set "+place+" to SECRET_KEY of the site that writes them; with --manage path/to/manage.py this command compares them")
	}
	older, newer := d.signedAround(left)
	switch {
	case newer:
		return failLocal("secret-key-old", fmt.Sprintf("%d of the newest %s cannot be read, and are newer than all that can: the site has changed its SECRET_KEY", len(left), count(all, "session")),
			"set "+place+" to the site's new SECRET_KEY, and add the present one to "+d.place("secret-key-fallbacks"))
	case older:
		return warn("fallbacks-missing", fmt.Sprintf("%d of the newest %s cannot be read, and are older than all that can: they were signed with an earlier SECRET_KEY", len(left), count(all, "session")),
			"if the site has that key in SECRET_KEY_FALLBACKS, add it to "+d.place("secret-key-fallbacks")+"; else it has lost them as well")
	}
	return warn("sessions-unreadable", fmt.Sprintf("%d of the newest %s cannot be read, for a reason that is not known: their data may be damaged, or another site with its own SECRET_KEY writes to the same place", len(left), count(all, "session")),
		"give each site its own database, cache prefix or directory")
}

// signedAround reports whether the sessions that cannot be read were all signed before, or all
// after, those that can.
func (d *doctor) signedAround(left []int) (older, newer bool) {
	older, newer = true, true
	for i, readable := range d.stored {
		if slices.Contains(left, i) {
			continue
		}
		for _, j := range left {
			unreadable := d.stored[j].signed
			if unreadable.IsZero() || readable.signed.IsZero() {
				return false, false
			}
			older = older && unreadable.Before(readable.signed)
			newer = newer && unreadable.After(readable.signed)
		}
	}
	return older, newer
}

// otherText reports whether no text looks like one of Django's.
func (d *doctor) otherText(left []int) bool {
	return !slices.ContainsFunc(left, func(i int) bool {
		return sessionText(d.stored[i].text)
	})
}

// sessionText reports whether a text has the form of a session: of signing.dumps, or of base64 as
// before Django 3.1.
func sessionText(text string) bool {
	return strings.Count(text, ":") == 2 || strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\n") == ""
}

// storeWith opens the cache with another serializer.
func (d *doctor) storeWith(name string) (django.Lister, error) {
	cache, err := d.s.openCache()
	if err != nil {
		return nil, err
	}
	encoding := cachestore.Pickle
	if name != "pickle" {
		encoding = djangoredis.Encoding(redisSerializers[name], redisCompressors["zlib"])
	}
	options := append(slices.Clone(d.s.cache.options), cachestore.WithEncoding(encoding))
	sessions, err := django.New(d.set, cachestore.New(cache, options...), django.WithLogger(discard))
	if err != nil {
		return nil, err
	}
	lister, ok := sessions.Store().(django.Lister)
	if !ok {
		return nil, fmt.Errorf("it cannot list")
	}
	return lister, nil
}
