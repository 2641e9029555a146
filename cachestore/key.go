package cachestore

import (
	"errors"
	"strings"

	"github.com/djsession/djsession/internal/sessionkey"
)

// maxKey is the length of the longest session key. Django's have 32 characters.
const maxKey = 128

// possible reports whether key can be a session's: 8 to 128 characters of A-Z, a-z, 0-9, -
// and _. Any other key counts as absent.
func possible(key string) bool { return sessionkey.Possible(key, maxKey) }

// possible reports whether key can be that of a session in this cache. The names of cached_db's
// copies begin like those of the cache engine, which may have been, or be, in the same cache.
func (o *options) possible(key string) bool {
	rest, begins := strings.CutPrefix(cachedDBName, o.name)
	return possible(key) && (!begins || rest == "" || !strings.HasPrefix(key, rest))
}

// usual reports whether key is one that Django makes: 32 characters of a-z and 0-9.
func usual(key string) bool {
	return len(key) == len(probe) && strings.Trim(key, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}

// Two keys that sessions could have, to see what a key function makes of them.
const (
	probe = "abcdefghijklmnopqrstuvwxyz012345"
	other = "ZYXWVUTSRQPONMLKJIHGFEDCBA987654"
)

// keyPrefix returns what full keys begin with before the session's key.
func (o *options) keyPrefix() (string, error) {
	prefix, ok := strings.CutSuffix(o.fullKey(probe), probe)
	if !ok || o.fullKey(other) != prefix+other {
		return "", errors.New("cachestore: list: sessions cannot be listed, because with this WithKeyFunction a full key does not end with the session's key")
	}
	return prefix, nil
}
