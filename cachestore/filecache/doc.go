// Package filecache is the cache of Django's FileBasedCache, files in a directory, for
// SESSION_ENGINE = "django.contrib.sessions.backends.cache" and "cached_db":
//
//	cache := filecache.New("/var/tmp/django_cache")
//	sessions, err := django.New(settings, cachestore.New(cache))
//
// The directory is the LOCATION of the cache. Go needs the same user as Django, whose files
// only their owner can read. The cache must have Django's own encoding, cachestore.Pickle.
// Sessions cannot be listed: the files' names are hashes.
//
// # MAX_ENTRIES
//
// Whenever Django stores something while the directory has MAX_ENTRIES files, 300 unless OPTIONS
// says otherwise, it deletes a third of them at random: sessions vanish. Set MAX_ENTRIES far
// above the number of sessions, and [WithMaxEntries] to the same; Sessions.Check then returns an
// error before Django deletes sessions. Go deletes nothing: an expired file stays until Django
// reads or culls it.
//
// # Several writers
//
// Go programs lock a session's file while they change it, so that none loses what another one
// has stored. Django locks nothing. On Linux, Go exchanges the old file and the new one, and
// puts back what it did not expect, so that what Django stores or deletes in that moment counts,
// unless another Django loads the session before it is put back and then saves it. Elsewhere,
// and if the file system cannot exchange files, Go checks that the file is still the one it has
// read and then renames a new one onto it: what Django stores in between is lost, and a session
// that it deleted is back.
//
// The directory must be on a file system with hard links and locks, and is read by one machine,
// unless its locks work across machines, as those of NFS 4 do.
package filecache
