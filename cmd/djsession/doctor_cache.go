package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/django"
)

// hasCache reports whether the engine has a cache.
func (d *doctor) hasCache() bool { return d.s.engine == "cache" || d.s.engine == "cached_db" }

// checkCache connects to the cache.
func (d *doctor) checkCache(ctx context.Context) []diagnosis {
	if !d.hasCache() {
		return inapplicable("the engine %s has no cache", d.s.engine)
	}
	var err error
	if d.s.cache, err = d.cacheSettings(d.in); err != nil {
		if d.localCache || strings.Contains(err.Error(), "in the memory of Django's processes") {
			return fail("cache-local", "the cache of the sessions is in the memory of each Django process, or nowhere: nobody else can reach it, not even a second worker", "let CACHES[SESSION_CACHE_ALIAS] be in Redis or memcached, or set SESSION_ENGINE to django.contrib.sessions.backends.db, in the site's settings.py")
		}
		return fail("cache-url", err.Error(), "set "+d.place("cache-url")+" to the LOCATION of the cache that SESSION_CACHE_ALIAS names")
	}
	switch d.s.cache.kind {
	case memcachedServers:
		return d.checkMemcached(ctx)
	case databaseCache:
		return d.checkCacheTable(ctx)
	case fileCache:
		if info, err := os.Stat(d.s.cache.dir); err != nil || !info.IsDir() {
			return fail("cache-directory", fmt.Sprintf("the cache's directory %q cannot be opened, or is not a directory: %v", d.s.cache.dir, err), "name LOCATION of the FileBasedCache in "+d.place("cache-url")+", and run the service as a user who may read and write it")
		}
		return passed("a FileBasedCache in %q", d.s.cache.dir)
	}
	return d.checkRedis(ctx)
}

// checkMemcached asks each server for its version.
func (d *doctor) checkMemcached(ctx context.Context) []diagnosis {
	var down []string
	for _, server := range d.s.cache.servers {
		network := "tcp"
		if strings.HasPrefix(server, "/") {
			network = "unix"
		}
		if err := memcachedAnswers(ctx, network, server); err != nil {
			down = append(down, fmt.Sprintf("%s (%v)", server, err))
		}
	}
	if len(down) > 0 {
		return fail("cache-unreachable", "memcached cannot be reached: "+strings.Join(down, ", "), "check host and port in "+d.place("cache-url")+", and whether the server runs")
	}
	return passed("%s answers", strings.Join(d.s.cache.servers, ", "))
}

func memcachedAnswers(ctx context.Context, network, address string) error {
	conn, err := (&net.Dialer{Timeout: 3 * time.Second}).DialContext(ctx, network, address)
	if err != nil {
		if e, ok := errors.AsType[*net.OpError](err); ok {
			return e.Err
		}
		return err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(3 * time.Second))
	if _, err := conn.Write([]byte("version\r\n")); err != nil {
		return err
	}
	answer := make([]byte, 64)
	n, err := conn.Read(answer)
	if err == nil && !strings.HasPrefix(string(answer[:n]), "VERSION") {
		err = errors.New("it is not a memcached server")
	}
	return err
}

// checkCacheTable looks for the table of a DatabaseCache.
func (d *doctor) checkCacheTable(ctx context.Context) []diagnosis {
	if d.s.sql == nil {
		return fail("cache-url", "the cache is a table, and the database is not named or cannot be reached", "set "+d.place("database-url"))
	}
	if !d.exists(ctx, d.s.cache.table) {
		return fail("cache-table-missing", fmt.Sprintf("there is no table %q for the DatabaseCache", d.s.cache.table), "run manage.py createcachetable at the site, or name LOCATION in "+d.place("cache-url"))
	}
	return passed("a DatabaseCache in the table %q", d.s.cache.table)
}

// checkEviction looks for reasons for which the cache drops sessions early.
func (d *doctor) checkEviction(ctx context.Context) []diagnosis {
	if !d.hasCache() {
		return inapplicable("the engine %s has no cache", d.s.engine)
	}
	if d.s.engine == "cached_db" {
		return passed("a copy that the cache drops is read from its row again")
	}
	switch d.s.cache.kind {
	case memcachedServers:
		return warn("memcached-eviction", "memcached drops sessions when its memory is full, and all when it restarts", "use cached_db, or accept that visitors are then logged out")
	case databaseCache, fileCache:
		return d.checkMaxEntries()
	}
	client, err := d.redis()
	if err != nil {
		return failUnexpected(err)
	}
	info := redisInfo(ctx, client)
	var problems []diagnosis
	if policy := info["maxmemory_policy"]; policy != "" && policy != "noeviction" && info["maxmemory"] != "0" {
		problems = append(problems, warn("redis-eviction", "maxmemory-policy is "+policy+": when its memory is full, Redis drops sessions, whose visitors are then logged out", "set maxmemory-policy noeviction in redis.conf for the server of the sessions, and give other caches a server of their own")...)
	}
	saves, err := client.ConfigGet(ctx, "save").Result()
	if info["aof_enabled"] == "0" && err == nil && saves["save"] == "" {
		problems = append(problems, warn("redis-persistence", "Redis writes nothing to disk (no save, appendonly no): a restart logs everybody out", "set appendonly yes in redis.conf, use cached_db, or accept it")...)
	}
	if len(info) == 0 {
		return skip("this user may not ask Redis for INFO")
	}
	return orRight(problems, "Redis keeps sessions until they expire, and over a restart")
}

// checkMaxEntries looks at the MAX_ENTRIES of Django's own caches.
func (d *doctor) checkMaxEntries() []diagnosis {
	entries := 0
	settings := d.theirs
	if settings == nil {
		settings = d.in.file.django
	}
	if settings != nil {
		entries = settings.Caches[settings.SessionCacheAlias].MaxEntries
	}
	if entries > 10000 {
		return passed("MAX_ENTRIES is %d", entries)
	}
	text := strconv.Itoa(entries)
	if entries == 0 {
		text = "300, Django's default, as far as the settings say"
	}
	return warn("max-entries", "MAX_ENTRIES of the cache is "+text+": Django deletes a third of all sessions when there are more", `set OPTIONS = {"MAX_ENTRIES": 1000000} for the cache in settings.py`)
}

// checkFiles looks at the directory of the engine file.
func (d *doctor) checkFiles(context.Context) []diagnosis {
	if d.s.engine != "file" {
		return inapplicable("the engine %s has no files", d.s.engine)
	}
	dir := d.fileDirectory()
	place := d.place("session-file-path")
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fail("files-directory", fmt.Sprintf("the directory %q does not exist", dir), "set "+place+" to SESSION_FILE_PATH of settings.py, and mount it into the service's container")
	case err == nil && !info.IsDir():
		return fail("files-directory", fmt.Sprintf("%q is not a directory", dir), "set "+place+" to SESSION_FILE_PATH of settings.py")
	case err != nil:
		return fail("files-permissions", fmt.Sprintf("the directory cannot be opened: %v", err), "run the service as the user that Django runs as")
	}
	names, err := os.ReadDir(dir)
	if err != nil {
		return fail("files-permissions", fmt.Sprintf("the directory cannot be read: %v", err), "run the service as the user that Django runs as")
	}
	if found := filePermissions(dir); found != nil {
		return found
	}
	own, others := 0, map[string]int{}
	for _, entry := range names {
		name := entry.Name()
		switch prefix := name[:max(0, len(name)-32)]; {
		case prefix == d.set.SessionCookieName && djangoKey(name[len(prefix):]):
			own++
		case prefix != "" && djangoKey(name[len(prefix):]) && holdsSession(filepath.Join(dir, name)):
			others[prefix]++
		}
	}
	for prefix, n := range others {
		if own == 0 && !d.sameSettings {
			return fail("cookie-name-differs", fmt.Sprintf("%q holds no session of %q, and %s whose names begin with %q: the site has another SESSION_COOKIE_NAME", dir, d.set.SessionCookieName, count(n, "file"), prefix), fmt.Sprintf("set %s to %s", d.place("session-cookie-name"), prefix))
		}
	}
	return passed("%q with %s", dir, count(own, "session"))
}

// holdsSession reports whether a file begins as one of Django's sessions does.
func holdsSession(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 4<<20))
	return err == nil && len(text) > 0 && sessionText(string(text))
}

// fileDirectory returns where the engine file keeps its sessions.
func (d *doctor) fileDirectory() string {
	if d.set.SessionFilePath == "" {
		return os.TempDir()
	}
	return d.set.SessionFilePath
}

// djangoKey reports whether a key is one that Django makes.
func djangoKey(key string) bool {
	return len(key) == 32 && strings.Trim(key, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}

// fullCacheKey returns the key of a session, or of its copy, in the cache.
func (d *doctor) fullCacheKey(prefix, version, key string) string {
	name := "django.contrib.sessions.cache"
	switch {
	case d.set.SessionEngine == "qsessions.backends.cached_db":
		name = "qsessions.q_cached_db"
	case d.s.engine == "cached_db":
		name = "django.contrib.sessions.cached_db"
	}
	return prefix + ":" + version + ":" + name + key
}

// exampleKey is a key that a session could have.
const exampleKey = "abcdefghijklmnopqrstuvwxyz012345"

// openedCache returns the cache of these settings, opened for the site.
func (d *doctor) openedCache(key string) (cachestore.Cache, error) {
	cache, err := d.s.openCache()
	if opener, ok := cache.(cachestore.Opener); err == nil && ok {
		codec, codecErr := django.NewCodec(d.set, nil)
		if codecErr != nil {
			return nil, codecErr
		}
		return opener.OpenCache(django.Site{Settings: d.set, Codec: codec, Now: time.Now, Logger: discard}, key)
	}
	return cache, err
}
