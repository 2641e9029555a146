package main

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// redis returns a client of its own for the cache's server.
func (d *doctor) redis() (redis.UniversalClient, error) {
	if d.s.cache.kind == noCache || d.s.cache.kind > redisSentinel {
		return nil, errors.ErrUnsupported
	}
	client, err := d.s.cache.redisClient()
	if err == nil {
		d.s.closers = append(d.s.closers, client.Close)
	}
	return client, err
}

func (d *doctor) checkRedis(ctx context.Context) []diagnosis {
	place := d.place("cache-url")
	client, err := d.redis()
	if err != nil {
		return fail("cache-url", err.Error(), "correct "+place)
	}
	if address, ok := strings.CutPrefix(d.s.cache.text, "rediss://"); ok && answersInPlain(ctx, address) {
		return fail("cache-tls", "the server answers without TLS, and the URL wants TLS", "write redis:// instead of rediss:// in "+place)
	}
	err = client.Ping(ctx).Err()
	text := ""
	if err != nil {
		text = err.Error()
	}
	switch {
	case err == nil:
	case strings.HasPrefix(text, "WRONGPASS"), strings.HasPrefix(text, "NOAUTH"), strings.Contains(text, "called without any password"), strings.Contains(text, "invalid username-password"):
		return fail("cache-password", "Redis refuses the password, or wants one: "+text, "write user and password into "+place+": redis://:password@host:6379/0; percent-encode special characters")
	case strings.HasPrefix(text, "NOPERM"):
		return fail("cache-rights", "Redis does not allow this user what is needed: "+text, "allow it GET, SET, DEL, PTTL, SCAN and EVALSHA on the sessions' keys: ACL SETUSER")
	case strings.Contains(text, "DB index"):
		return fail("cache-database-number", "Redis has no database of that number: "+text, "write the number of the site's cache at the end of "+place)
	case strings.Contains(text, "tls") || strings.Contains(text, "certificate") || strings.HasSuffix(text, "EOF"):
		return fail("cache-tls", text+": perhaps one side wants TLS and the other does not", "write rediss:// for a server with TLS, and redis:// for one without, in "+place)
	default:
		return fail("cache-unreachable", "the cache cannot be reached: "+text, "check host and port in "+place+", and whether the server runs and listens there; in a container, localhost is the container itself")
	}
	if refused := d.redisRefuses(ctx, client); len(refused) > 0 {
		return fail("cache-rights", "Redis does not allow this user "+strings.Join(refused, ", ")+" on the keys of the sessions", "ACL SETUSER name "+"+"+strings.ToLower(strings.Join(refused, " +"))+" and the sessions' keys with ~; also scan, to list sessions")
	}
	info := redisInfo(ctx, client)
	if info["role"] == "slave" && d.s.cache.kind == redisServer {
		return fail("cache-replica", "this Redis is a replica, which takes no writes", "name the primary in "+place+", or the Sentinels: sentinel://host:26379/name/0")
	}
	if info["redis_version"] == "" {
		return passed("Redis answers")
	}
	return passed("Redis %s answers", info["redis_version"])
}

// answersInPlain reports whether the Redis of a URL, without its scheme, answers without TLS.
func answersInPlain(ctx context.Context, rest string) bool {
	u, err := url.Parse("redis://" + rest)
	if err != nil {
		return false
	}
	conn, err := (&net.Dialer{Timeout: 3 * time.Second}).DialContext(ctx, "tcp", u.Host)
	if err != nil {
		return false
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	answer := make([]byte, 1)
	_, err = conn.Write([]byte("PING\r\n"))
	if err == nil {
		_, err = conn.Read(answer)
	}
	return err == nil && (answer[0] == '+' || answer[0] == '-')
}

// redisRefuses returns the commands that Redis does not allow this user. They change nothing: the
// key is a new one, and XX sets none that does not exist.
func (d *doctor) redisRefuses(ctx context.Context, client redis.UniversalClient) (refused []string) {
	prefix, version := d.keyPrefix()
	key := d.fullCacheKey(prefix, version, "djsession-doctor-"+rand.Text())
	for _, command := range [][]any{{"GET", key}, {"PTTL", key}, {"DEL", key}, {"SET", key, "", "XX", "EX", "1"}, {"EVAL", "return 0", "1", key}} {
		if err := client.Do(ctx, command...).Err(); err != nil && strings.HasPrefix(err.Error(), "NOPERM") {
			refused = append(refused, command[0].(string))
		}
	}
	return refused
}

// redisInfo returns what INFO says, or nothing if this user may not ask.
func redisInfo(ctx context.Context, client redis.UniversalClient) map[string]string {
	info := map[string]string{}
	text, err := client.Info(ctx).Result()
	if err != nil {
		return info
	}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			info[name] = value
		}
	}
	return info
}
