package rediscache

import "github.com/redis/go-redis/v9"

// script is a Lua script on one key, so that it works in a Cluster. It compares what is stored
// under the key with its first argument. It returns 0 if there is nothing, what is stored if
// that differs, and else writes and returns 1.
type script struct{ text, hash string }

func newScript(write string) script {
	text := `local v = redis.call('GET', KEYS[1]) if not v then return 0 end if v ~= ARGV[1] then return v end ` + write + ` return 1`
	return script{text, redis.NewScript(text).Hash()}
}

var (
	replace = newScript(`redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])`)
	touch   = newScript(`redis.call('EXPIRE', KEYS[1], ARGV[2])`)
	remove  = newScript(`redis.call('DEL', KEYS[1])`)
)
