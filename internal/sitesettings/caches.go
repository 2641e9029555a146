package sitesettings

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/djsession/djsession/internal/pyliteral"
)

// cache is an entry of CACHES in the file.
type cache struct {
	Backend       string `json:"BACKEND"`
	Location      string `json:"LOCATION,omitempty"`
	URL           string `json:"URL,omitempty"`
	KeyPrefix     string `json:"KEY_PREFIX,omitempty"`
	Version       int64  `json:"VERSION"`
	KeyFunction   string `json:"KEY_FUNCTION,omitempty"`
	Serializer    string `json:"SERIALIZER,omitempty"`
	Compressor    string `json:"COMPRESSOR,omitempty"`
	MaxEntries    int64  `json:"MAX_ENTRIES,omitempty"`
	CullFrequency int64  `json:"CULL_FREQUENCY,omitempty"`

	local   bool // in the memory of Django's process, or nowhere
	ignores bool // IGNORE_EXCEPTIONS
}

// caches carries over CACHES, and names what cannot be of the one that the sessions are in.
func (c *converter) caches() {
	dict, ok := c.values["CACHES"].(pyliteral.Dict)
	alias, _ := c.values["SESSION_CACHE_ALIAS"].(string)
	engine, _ := c.values["SESSION_ENGINE"].(string)
	if base, ok := c.file.get("SESSION_ENGINE_BASE").(string); ok {
		engine = base
	}
	inCache := strings.HasSuffix(engine, ".cache") || strings.HasSuffix(engine, ".cached_db")
	entries := map[string]cache{}
	for _, p := range dict {
		name, _ := p.Key.(string)
		settings, ok := p.Value.(pyliteral.Dict)
		if !ok {
			continue
		}
		entry, notes := readCache(settings)
		if entry.URL != "" {
			entries[name] = entry
		}
		if inCache && name == alias {
			c.cacheNotes("CACHES["+name+"]", entry, notes)
		}
	}
	_, found := dict.Get(alias)
	switch {
	case inCache && !ok:
		c.file.omit("CACHES", "%s: set it by hand", cmp.Or(c.problem("CACHES"), "is computed, or not a dict"))
	case inCache && !found:
		c.file.omit("CACHES["+alias+"]", "SESSION_CACHE_ALIAS names it, and it is not there")
	}
	if len(entries) > 0 {
		public := map[string]cache{}
		for name, entry := range entries {
			entry.Location, entry.URL = "", ""
			public[name] = entry
		}
		c.file.addSecret("CACHES", entries, public)
	}
}

// cacheNotes names what is not carried over of the cache that the sessions are in.
func (c *converter) cacheNotes(setting string, entry cache, notes []string) {
	for _, note := range notes {
		c.file.omit(setting, "%s", note)
	}
	if entry.local {
		c.file.omitKind(KindLocalCache, setting, entry.name()+" is in the memory of Django's process, or nowhere: the sessions cannot be shared; use another cache or another SESSION_ENGINE")
	}
	if entry.ignores {
		c.file.omitKind(KindIgnoredErrors, setting, ignoredErrors)
	}
	if ignore, _ := truth(c.values["DJANGO_REDIS_IGNORE_EXCEPTIONS"]); ignore {
		c.file.omitKind(KindIgnoredErrors, "DJANGO_REDIS_IGNORE_EXCEPTIONS", ignoredErrors)
	}
}

// name returns the name of the backend's class.
func (e cache) name() string { return e.Backend[strings.LastIndexByte(e.Backend, '.')+1:] }

const ignoredErrors = "a Redis that is down is an empty cache to Django, so everybody is logged out there, while Go answers 503: remove IGNORE_EXCEPTIONS for the sessions' cache"

// readCache reads an entry of CACHES. Without a URL it cannot be shared. The notes say what is
// not carried over.
func readCache(settings pyliteral.Dict) (e cache, notes []string) {
	e = cache{Backend: str(settings, "BACKEND"), KeyPrefix: str(settings, "KEY_PREFIX"), KeyFunction: str(settings, "KEY_FUNCTION"), Version: 1}
	if version, ok := get(settings, "VERSION").(int64); ok {
		e.Version = version
	}
	if e.KeyFunction == "django.core.cache.backends.base.default_key_func" {
		e.KeyFunction = ""
	}
	if e.KeyFunction != "" {
		notes = append(notes, "KEY_FUNCTION is "+e.KeyFunction+": write it in Go for cachestore.WithKeyFunction")
	}
	options, _ := get(settings, "OPTIONS").(pyliteral.Dict)
	var locations []string
	switch location := get(settings, "LOCATION").(type) {
	case string:
		locations = strings.FieldsFunc(location, func(r rune) bool { return r == ';' || r == ',' })
		if strings.HasSuffix(e.Backend, "FileBasedCache") {
			locations = []string{location}
		}
	case pyliteral.List:
		for _, one := range location {
			if text, ok := one.(string); ok {
				locations = append(locations, text)
			}
		}
	}
	name := e.name()
	switch {
	case name == "LocMemCache" || name == "DummyCache":
		e.local = true
	case len(locations) == 0:
		notes = append(notes, "LOCATION is computed, or missing: set it by hand")
	case name == "DatabaseCache":
		e.Location, e.URL = locations[0], "dbcache://"+url.PathEscape(locations[0])
		e.limits(settings, options)
	case name == "FileBasedCache":
		if !isAbsolute(locations[0]) {
			return e, append(notes, relativePath("LOCATION"))
		}
		e.Location, e.URL = locations[0], "file://"+(&url.URL{Path: locations[0]}).EscapedPath()
		e.limits(settings, options)
	case name == "PyMemcacheCache" || name == "PyLibMCCache":
		notes = append(notes, e.memcached(name, locations, options)...)
	case strings.Contains(strings.ToLower(e.Backend), "redis") || strings.Contains(strings.ToLower(e.Backend), "valkey"):
		notes = append(notes, e.redis(locations, options)...)
	default:
		notes = append(notes, fmt.Sprintf("BACKEND is %q, which djsession does not know", e.Backend))
	}
	return e, notes
}

func str(d pyliteral.Dict, name string) string {
	text, _ := get(d, name).(string)
	return text
}

// limits reads what decides when a cache in a database or in files drops sessions.
func (e *cache) limits(settings, options pyliteral.Dict) {
	for name, into := range map[string]*int64{"MAX_ENTRIES": &e.MaxEntries, "CULL_FREQUENCY": &e.CullFrequency} {
		if n, ok := get(options, name).(int64); ok {
			*into = n
		} else if n, ok := get(settings, name).(int64); ok {
			*into = n
		}
	}
}

func (e *cache) memcached(name string, servers []string, options pyliteral.Dict) (notes []string) {
	scheme := map[string]string{"PyMemcacheCache": "memcached", "PyLibMCCache": "pylibmc"}[name]
	e.Location = strings.Join(servers, ";")
	e.URL = scheme + "://" + strings.Join(servers, ",")
	if socket, ok := strings.CutPrefix(servers[0], "unix:"); ok {
		e.URL = scheme + "://" + socket
	}
	for _, p := range options {
		if option, ok := p.Key.(string); ok && !slices.Contains([]string{"no_delay", "ignore_exc", "max_pool_size", "use_pooling", "binary", "timeout", "connect_timeout"}, option) {
			notes = append(notes, "OPTIONS "+option+" may choose other servers or write values otherwise than djsession expects; see package memcached")
		}
	}
	return notes
}

// The paths of django-redis's serializers and compressors, by what follows their module.
var (
	redisSerializers = map[string]string{"pickle.PickleSerializer": "", "json.JSONSerializer": "json", "msgpack.MSGPackSerializer": "msgpack"}
	redisCompressors = map[string]string{
		"identity.IdentityCompressor": "", "zlib.ZlibCompressor": "zlib", "gzip.GzipCompressor": "gzip", "lz4.Lz4Compressor": "lz4",
		"zstd.ZStdCompressor": "zstd", "lzma.LzmaCompressor": "lzma",
	}
)

// redisOptions are the OPTIONS of RedisCache and django-redis that are carried over, or that do
// not change where and how sessions are stored.
var redisOptions = []string{
	"PASSWORD", "password", "username", "db", "DB", "CLIENT_CLASS", "CONNECTION_FACTORY", "SERIALIZER", "COMPRESSOR", "serializer",
	"IGNORE_EXCEPTIONS", "PICKLE_VERSION", "REVERSE_KEY_FUNCTION", "MAX_ENTRIES", "CULL_FREQUENCY", "COMPRESS_MIN_LEN",
	"SOCKET_TIMEOUT", "SOCKET_CONNECT_TIMEOUT", "socket_timeout", "socket_connect_timeout", "socket_keepalive", "retry_on_timeout",
	"health_check_interval", "max_connections", "PARSER_CLASS", "parser_class", "CONNECTION_POOL_CLASS", "pool_class", "CLOSE_CONNECTION",
}

func (e *cache) redis(locations []string, options pyliteral.Dict) (notes []string) {
	primary, err := url.Parse(locations[0])
	if err != nil || primary.Host == "" && primary.Path == "" {
		return []string{"LOCATION is not a URL such as redis://host:6379/1: set it by hand"}
	}
	username, password := primary.User.Username(), str(options, "PASSWORD")
	if password == "" {
		password = str(options, "password")
	}
	if name := str(options, "username"); name != "" {
		username = name
	}
	if password != "" {
		primary.User = url.UserPassword(username, password)
	}
	for _, name := range []string{"db", "DB"} {
		if number, ok := optionText(get(options, name)); ok && number != "" && strings.Trim(primary.Path, "/") == "" {
			primary.Path = "/" + number
		}
	}
	switch primary.Scheme { // which go-redis does not know
	case "valkey":
		primary.Scheme = "redis"
	case "valkeys":
		primary.Scheme = "rediss"
	}
	for _, option := range slices.Sorted(maps.Keys(primary.Query())) {
		if option != "db" {
			notes = append(notes, "LOCATION has the option "+option+" of Python's client: replace it with go-redis's own, or configure the client in code")
		}
	}
	e.Location, e.URL = primary.String(), primary.String()
	if len(locations) > 1 {
		notes = append(notes, "Go reads and writes at the first server of LOCATION only; the others are replicas to Django")
	}
	for option, class := range map[string]string{"CLIENT_CLASS": str(options, "CLIENT_CLASS"), "CONNECTION_FACTORY": str(options, "CONNECTION_FACTORY")} {
		switch name := class[strings.LastIndexByte(class, '.')+1:]; name {
		case "", "DefaultClient", "ConnectionFactory", "HerdClient":
		default:
			e.Location, e.URL = "", ""
			return []string{"OPTIONS " + option + " is " + name + ": connect with go-redis's client for it (see package rediscache), and set CACHE_URL for the command (sentinel://, redis+cluster://)"}
		}
	}
	for option, known := range map[string]map[string]string{"SERIALIZER": redisSerializers, "COMPRESSOR": redisCompressors, "serializer": nil} {
		path := str(options, option)
		if path == "" {
			continue
		}
		parts := strings.Split(path, ".")
		choice, ok := known[strings.Join(parts[max(0, len(parts)-2):], ".")]
		switch {
		case !ok:
			notes = append(notes, "OPTIONS "+option+" is "+path+": write it in Go as a cachestore.Encoding")
		case option == "SERIALIZER":
			e.Serializer = choice
		default:
			e.Compressor = choice
		}
	}
	for _, p := range options {
		if option, ok := p.Key.(string); ok && !slices.Contains(redisOptions, option) {
			notes = append(notes, "OPTIONS "+option+" is not carried over: if the server needs it, configure go-redis's client in code")
		}
	}
	e.ignores, _ = truth(get(options, "IGNORE_EXCEPTIONS"))
	return notes
}
