package django

import "github.com/djsession/djsession/internal/secret"

// Database is an entry of DATABASES that [LoadSettings] read, in the form that Go's drivers
// take. It prints without what may hold a password.
type Database struct {
	// Driver is the name of the driver that DSN is for: "pgx" (github.com/jackc/pgx/v5/stdlib),
	// "mysql" (github.com/go-sql-driver/mysql) or "sqlite" (modernc.org/sqlite).
	Driver string
	// TimeZone is the entry's TIME_ZONE; empty, the default, is None.
	TimeZone string

	dsn, url secret.Text
}

// DSN returns the data source name for sql.Open with Driver. It may hold a password. It is
// empty, like Driver and URL, if the file is one without secrets.
func (d Database) DSN() string { return d.dsn.Value() }

// URL returns the database as the command djsession takes it in DATABASE_URL. It may hold a
// password.
func (d Database) URL() string { return d.url.Value() }

// Cache is an entry of CACHES that [LoadSettings] read. It prints without what may hold a
// password.
type Cache struct {
	// Backend is BACKEND, a dotted path.
	Backend string
	// KeyPrefix is KEY_PREFIX, empty by default.
	KeyPrefix string
	// Version is VERSION, 1 by default.
	Version int
	// KeyFunction is KEY_FUNCTION, a dotted path; empty, the default, is Django's own.
	KeyFunction string
	// Serializer is SERIALIZER of django-redis: "pickle", "json" or "msgpack"; empty is
	// pickle, which other caches use.
	Serializer string
	// Compressor is COMPRESSOR of django-redis: "zlib", "gzip", "lz4", "zstd" or "lzma"; empty
	// is none.
	Compressor string
	// MaxEntries is MAX_ENTRIES of a cache in a database or in files; 0 is Django's default.
	MaxEntries int
	// CullFrequency is CULL_FREQUENCY of such a cache; 0 is Django's default.
	CullFrequency int

	location, url secret.Text
}

// Location returns LOCATION as the cache's package takes it: the URL of Redis's primary, with
// the password and number that OPTIONS may have; memcached's servers, separated by semicolons;
// a table; a directory. It may hold a password.
func (c Cache) Location() string { return c.location.Value() }

// URL returns the cache as the command djsession takes it in CACHE_URL. It may hold a password.
func (c Cache) URL() string { return c.url.Value() }
