package main

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/djsession/djsession/cachestore"
)

// cacheSettings describe the cache of the engines cache and cached_db.
type cacheSettings struct {
	kind    cacheKind
	text    string   // the URL, in the form that the kind's open function reads
	servers []string // of memcached
	client  string   // of memcached: pymemcache or pylibmc
	table   string   // of Django's DatabaseCache
	dir     string   // of Django's FileBasedCache

	encoding cachestore.Encoding
	options  []cachestore.Option
}

// cacheKind is a kind of cache.
type cacheKind int

const (
	noCache cacheKind = iota
	redisServer
	redisCluster
	redisSentinel
	memcachedServers
	databaseCache
	fileCache
)

// cacheSchemes are the schemes of CACHE_URL, with those of django-environ.
var cacheSchemes = map[string]cacheKind{
	"redis": redisServer, "rediss": redisServer, "valkey": redisServer, "valkeys": redisServer, "rediscache": redisServer, "unix": redisServer,
	"redis+cluster": redisCluster, "rediss+cluster": redisCluster,
	"sentinel": redisSentinel, "redis+sentinel": redisSentinel, "rediss+sentinel": redisSentinel,
	"memcached": memcachedServers, "memcache": memcachedServers, "pymemcache": memcachedServers, "pymemcached": memcachedServers, "pylibmc": memcachedServers,
	"dbcache": databaseCache, "database": databaseCache,
	"filecache": fileCache, "file": fileCache,
}

// cacheSettings reads the settings of the cache. No error quotes the URL, of which any part
// may belong to a password.
func (a *app) cacheSettings(in inputs) (c cacheSettings, err error) {
	text, ok := in.get("cache-url")
	if !ok || text == "" {
		return c, fmt.Errorf("no cache; set %s, such as redis://host:6379/0, memcached://host:11211, dbcache://table or file:///directory", where("cache-url"))
	}
	a.secrets.add(text)
	if err := c.parse(text, &a.secrets); err != nil {
		return c, fmt.Errorf("%s: %w", where("cache-url"), err)
	}
	if prefix, ok := in.get("cache-key-prefix"); ok {
		c.options = append(c.options, cachestore.WithKeyPrefix(prefix))
	}
	if text, ok := in.get("cache-version"); ok {
		version, err := strconv.Atoi(text)
		if err != nil {
			return c, fmt.Errorf("%s must be a whole number", where("cache-version"))
		}
		c.options = append(c.options, cachestore.WithVersion(version))
	}
	if c.encoding, err = c.encodingOf(in); err != nil {
		return c, err
	}
	c.options = append(c.options, cachestore.WithEncoding(c.encoding))
	return c, nil
}

func (c *cacheSettings) parse(text string, s *secrets) error {
	scheme, rest, ok := strings.Cut(strings.TrimSpace(text), "://")
	scheme = strings.ToLower(scheme)
	c.kind = cacheSchemes[scheme]
	switch {
	case !ok || c.kind == noCache && !strings.HasPrefix(scheme, "locmem") && !strings.HasPrefix(scheme, "dummy"):
		return errors.New("not the URL of a cache: write redis://, rediss://, memcached://, dbcache:// or file://, with what follows")
	case c.kind == noCache:
		return errors.New("a cache in the memory of Django's processes, or none, cannot be shared")
	}
	switch c.kind {
	case databaseCache, fileCache:
		return c.parseDjangoCache(rest)
	case memcachedServers:
		return c.parseMemcached(scheme, rest)
	}
	return c.parseRedis(scheme, rest, s)
}

// parseDjangoCache reads what follows the scheme of a cache of Django's own.
func (c *cacheSettings) parseDjangoCache(rest string) error {
	path, err := url.PathUnescape(rest)
	if err != nil || strings.ContainsAny(rest, "?#") {
		return errors.New("percent-encode the special characters in it")
	}
	switch {
	case c.kind == fileCache && !strings.HasPrefix(path, "/"):
		return errors.New("name the directory by its absolute path, with three slashes: file:///var/cache/site")
	case c.kind == fileCache:
		c.dir = path
	case strings.Trim(path, "/") == "":
		return errors.New("name the cache's table: dbcache://table")
	default:
		c.table = strings.Trim(path, "/")
	}
	return nil
}

// parseMemcached reads what follows the scheme of memcached servers.
func (c *cacheSettings) parseMemcached(scheme, rest string) error {
	c.client = "pymemcache"
	if scheme == "pylibmc" {
		c.client = "pylibmc"
	}
	if strings.ContainsAny(rest, "@?#") {
		return errors.New("memcached needs addresses only: memcached://host:port,host:port")
	}
	if strings.HasPrefix(rest, "/") { // a socket
		c.servers = []string{strings.TrimSuffix(rest, "/")}
		return nil
	}
	for server := range strings.SplitSeq(strings.TrimSuffix(rest, "/"), ",") {
		server, err := address(server, "11211")
		if err != nil {
			return err
		}
		c.servers = append(c.servers, server)
	}
	return nil
}
