package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/djsession/djsession/django"
)

var discard = slog.New(slog.DiscardHandler)

// checkEngine opens the engine, and looks for signs that the site has another one.
func (d *doctor) checkEngine(ctx context.Context) []diagnosis {
	if err := d.openStore(d.s, d.set); err != nil {
		return fail("settings-invalid", err.Error(), "correct the setting that the message names")
	}
	switch {
	case d.s.engine == "db":
		return d.checkUnknownCache(ctx)
	case d.s.engine == "cache":
		return d.checkCacheKeys(ctx)
	case d.s.engine == "signed_cookies":
		return warn("signed-cookies", "sessions are in the visitors' cookies: a logout does not end a copy of the cookie, and both sides overwrite each other's changes", "accept it, or use another SESSION_ENGINE")
	}
	return passed("SESSION_ENGINE %s", d.s.engine)
}

// checkUnknownCache looks whether a site of the engine db is one of cached_db, if a cache is
// named: rows that are written alone are then not seen by Django.
func (d *doctor) checkUnknownCache(ctx context.Context) []diagnosis {
	if d.theirs != nil {
		return passed("SESSION_ENGINE db")
	}
	if _, named := d.in.get("cache-url"); !named {
		return passed("SESSION_ENGINE db; if the site has cached_db, name its cache, or it does not see what is written here")
	}
	cache, err := d.cacheSettings(d.in)
	if err != nil || cache.kind > redisSentinel || cache.kind == noCache {
		return passed("SESSION_ENGINE db")
	}
	d.s.cache = cache
	client, err := d.redis()
	if err != nil {
		return passed("SESSION_ENGINE db")
	}
	// The cache may be shared with other sites: copies of their rows say nothing about this one.
	if keys := sessionsInRedis(ctx, client, "*django.contrib.sessions.*"); len(keys) > 0 {
		if d.copied(ctx, keys) {
			return fail("engine-cached-db", "the cache of "+d.place("cache-url")+" holds copies of sessions as cached_db makes them: Django reads these, and does not see what is written to the rows alone", "set "+d.place("engine")+" to cached_db")
		}
		if slices.ContainsFunc(keys, func(k cachedKey) bool { return k.engine == "cached_db" }) || d.hasSessions(ctx, d.s.table) {
			return passed("SESSION_ENGINE db; the cache holds sessions of other sites")
		}
		return warn("engine-cache", "the cache of "+d.place("cache-url")+" holds sessions of the engine cache", "compare SESSION_ENGINE of settings.py with "+d.place("engine"))
	}
	return passed("SESSION_ENGINE db, and no sessions in the cache")
}

// copied reports whether one of the keys is that of a copy of a row of this table.
func (d *doctor) copied(ctx context.Context, keys []cachedKey) bool {
	var rows []any
	for _, k := range keys {
		if k.engine == "cached_db" {
			rows = append(rows, k.session)
		}
	}
	if len(rows) == 0 {
		return false
	}
	in := strings.TrimPrefix(strings.Repeat(", ?", len(rows)), ", ")
	return d.value(ctx, "SELECT 1 FROM "+d.s.sql.Dialect.Quote(d.s.table)+" WHERE session_key IN ("+in+") LIMIT 1", rows...) != ""
}

// hasSessions reports whether a table has a session that has not expired.
func (d *doctor) hasSessions(ctx context.Context, table string) bool {
	clock, err := d.clock()
	return err == nil && d.value(ctx, "SELECT 1 FROM "+d.s.sql.Dialect.Quote(table)+" WHERE expire_date > ? LIMIT 1", clock.Param(time.Now())) != ""
}

// cachedKey is the key of a session in a cache.
type cachedKey struct{ prefix, version, engine, session string }

const (
	scanTime = 2 * time.Second
	scanKeys = 200
)

// sessionsInRedis returns the keys of sessions under any KEY_PREFIX and VERSION. It looks for
// two seconds, and finds two hundred at most.
func sessionsInRedis(ctx context.Context, client redis.UniversalClient, pattern string) (found []cachedKey) {
	ctx, cancel := context.WithTimeout(ctx, scanTime)
	defer cancel()
	keys := client.Scan(ctx, 0, pattern, 1000).Iterator()
	for len(found) < scanKeys && keys.Next(ctx) {
		head, rest, ok := strings.Cut(keys.Val(), "django.contrib.sessions.")
		colon := strings.LastIndexByte(strings.TrimSuffix(head, ":"), ':')
		if !ok || colon < 0 {
			continue
		}
		k := cachedKey{prefix: head[:colon], version: strings.Trim(head[colon:], ":")}
		switch {
		case strings.HasPrefix(rest, "cached_db"):
			k.engine, k.session = "cached_db", strings.TrimPrefix(rest, "cached_db")
		case strings.HasPrefix(rest, "cache"):
			k.engine, k.session = "cache", strings.TrimPrefix(rest, "cache")
		default:
			continue
		}
		found = append(found, k)
	}
	return found
}

// checkCacheKeys looks for the sessions of the engine cache, and if there are none where the
// settings say, elsewhere in the same Redis.
func (d *doctor) checkCacheKeys(ctx context.Context) []diagnosis {
	client, err := d.redis()
	if err != nil || d.s.cache.kind != redisServer { // one node of a Cluster does not have all keys
		return passed("SESSION_ENGINE cache")
	}
	prefix, version := d.keyPrefix()
	if keys := sessionsInRedis(ctx, client, globEscaped(d.fullCacheKey(prefix, version, ""))+"*"); len(keys) > 0 {
		if !slices.ContainsFunc(keys, func(k cachedKey) bool { return k.engine == "cache" }) && !d.sameSettings {
			return d.otherKeys(keys[0], -1)
		}
		return passed("SESSION_ENGINE cache, with sessions under this KEY_PREFIX and VERSION")
	}
	if d.sameSettings {
		return passed("SESSION_ENGINE cache, with the site's settings, and no sessions yet")
	}
	if keys := sessionsInRedis(ctx, client, "*django.contrib.sessions.*"); len(keys) > 0 {
		return d.otherKeys(keys[0], -1)
	}
	own := client.(*redis.Client).Options()
	for number := range 16 {
		if number == own.DB {
			continue
		}
		options := *own
		options.DB = number
		other := redis.NewClient(&options)
		n, err := other.DBSize(ctx).Result()
		var keys []cachedKey
		if err == nil && n > 0 {
			keys = sessionsInRedis(ctx, other, "*django.contrib.sessions.*")
		}
		_ = other.Close()
		if len(keys) > 0 {
			return d.otherKeys(keys[0], number)
		}
		if err != nil {
			break
		}
	}
	return warn("no-sessions", "the cache holds no sessions: either nobody has visited the site yet, or this is not its cache", "visit a page of the site that uses sessions, such as the login, and run this again")
}

// otherKeys is the diagnosis for sessions that are under other keys than the settings say.
func (d *doctor) otherKeys(k cachedKey, number int) []diagnosis {
	prefix, version := d.keyPrefix()
	var found, changes []string
	if number >= 0 {
		found, changes = append(found, "in database "+strconv.Itoa(number)), append(changes, "write /"+strconv.Itoa(number)+" at the end of "+d.place("cache-url"))
	}
	if k.prefix != prefix {
		change := fmt.Sprintf("set %s to %q", d.place("cache-key-prefix"), k.prefix)
		if k.prefix == "" {
			change = "remove " + d.place("cache-key-prefix")
		}
		found, changes = append(found, fmt.Sprintf("under KEY_PREFIX %q", k.prefix)), append(changes, change)
	}
	if k.version != version {
		found, changes = append(found, "under VERSION "+k.version), append(changes, "set "+d.place("cache-version")+" to "+k.version)
	}
	if k.engine != d.s.engine {
		found, changes = append(found, "of the engine "+k.engine), append(changes, "set "+d.place("engine")+" to "+k.engine)
	}
	problem := "cache-keys"
	switch {
	case k.engine != d.s.engine:
		problem = "engine-cached-db"
	case number >= 0 && len(found) == 1:
		problem = "cache-database-number"
	}
	return fail(problem, "there are no sessions where the settings say, but "+strings.Join(found, " and ")+", unless these are another site's", strings.Join(changes, "; "))
}

// keyPrefix returns KEY_PREFIX and VERSION.
func (d *doctor) keyPrefix() (prefix, version string) {
	prefix, _ = d.in.get("cache-key-prefix")
	version, set := d.in.get("cache-version")
	if !set {
		version = "1"
	}
	return prefix, version
}

var globEscaper = strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`, "]", `\]`)

func globEscaped(text string) string { return globEscaper.Replace(text) }

// lists reports whether the engine can list its sessions.
func (d *doctor) lists() bool {
	_, ok := d.s.store.(django.Lister)
	return ok
}
