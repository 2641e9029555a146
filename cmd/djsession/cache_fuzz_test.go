package main

import (
	"strings"
	"testing"
)

// FuzzCacheURL: whatever CACHE_URL holds, reading it ends, and an error repeats nothing of it.
func FuzzCacheURL(f *testing.F) {
	for _, text := range []string{
		"redis://user:pass%40word@host:6379/0?db=1", "rediss://:p@[::1]", "redis://a,b:2,c/0", "sentinel://u:p@a,b/main/1?sentinel_password=x",
		"redis+cluster://h", "unix://u:p@/run/redis.sock?db=0", "memcached://a,b:11211", "pylibmc:///run/m.sock", "dbcache://my_cache", "file:///var/tmp/a%20b",
		"redis://:12#x@h", "redis://h/%zz", "://", "redis://:p:q@h:x",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var c cacheSettings
		var s secrets
		err := c.parse(text, &s)
		if err == nil {
			return
		}
		_, rest, _ := strings.Cut(text, "://")
		for part := range strings.FieldsFuncSeq(rest, func(r rune) bool { return strings.ContainsRune(":/@?#,&=", r) }) {
			if len(part) > 12 && strings.Contains(err.Error(), part) {
				t.Errorf("%q is in %q", part, err)
			}
		}
	})
}
