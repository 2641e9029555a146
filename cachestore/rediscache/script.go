package rediscache

import "github.com/redis/go-redis/v9"

// script is a Lua script on one key, so that it works in a Cluster.
type script struct{ text, hash any }

func newScript(text string) script { return script{text, redis.NewScript(text).Hash()} }

// comparing returns a script that compares what is stored under the key with its first argument.
// It returns 0 if there is nothing, what is stored if that differs, and else writes and returns 1.
func comparing(write string) script {
	return newScript(`local v = redis.call('GET', KEYS[1]) if not v then return 0 end if v ~= ARGV[1] then return v end ` + write + ` return 1`)
}

var (
	replace = comparing(`redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])`)
	touch   = comparing(`redis.call('EXPIRE', KEYS[1], ARGV[2])`)
	remove  = comparing(`redis.call('DEL', KEYS[1])`)

	// forget deletes whatever is stored and returns 1. If nothing is, and its argument is the
	// number of replicas that WAIT will ask for, it writes all the same: an earlier call may have
	// deleted it on another connection, and WAIT asks only for the last write of its own.
	forget = newScript(`if redis.call('DEL', KEYS[1]) == 0 and ARGV[1] ~= '0' then redis.pcall('SET', KEYS[1], '', 'PX', 1) redis.call('DEL', KEYS[1]) end return 1`)
)
