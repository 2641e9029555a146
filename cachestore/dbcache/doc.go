// Package dbcache is the cache of Django's DatabaseCache, a table, for SESSION_ENGINE =
// "django.contrib.sessions.backends.cache" and "cached_db":
//
//	cache := dbcache.New(db, "my_cache_table")
//	sessions, err := django.New(settings, cachestore.New(cache))
//
// The table is that of the cache's LOCATION, which Django's createcachetable makes. The program
// imports the database's driver, as for package dbstore, and times are stored by USE_TZ and
// TIME_ZONE of the site's settings. The cache must have Django's own encoding,
// cachestore.Pickle.
//
// A session that is stored, changed or removed is written by one statement that checks what the
// row holds, so that no change is lost, and a session that was deleted stays deleted.
//
// # MAX_ENTRIES
//
// Whenever Django stores something while the table has more than MAX_ENTRIES rows, 300 unless
// OPTIONS says otherwise, it deletes the expired ones, and if that is not enough a third of all:
// sessions vanish. Set MAX_ENTRIES far above the number of sessions, and [WithMaxEntries] to the
// same; Sessions.Check then returns an error before Django deletes sessions. Go deletes nothing: a
// site on which only Go stores sessions keeps the expired rows.
package dbcache
