package rediscache

import (
	"errors"

	"github.com/redis/go-redis/v9"
)

// NewClient returns a client for a server that is named as in the LOCATION of Django's caches:
// redis://[[user]:password@]host:port/number, rediss:// for TLS, or unix://path?db=number. Its
// ContextTimeoutEnabled is true. The functions may change further options, such as TLSConfig.
// It does not connect; the caller closes it. An error never holds the URL.
//
// For Sentinel and for Clusters call the functions of go-redis:
//
//	redis.NewFailoverClient(&redis.FailoverOptions{MasterName: …, SentinelAddrs: …, ContextTimeoutEnabled: true})
//	redis.NewClusterClient(&redis.ClusterOptions{Addrs: …, ContextTimeoutEnabled: true})
func NewClient(location string, change ...func(*redis.Options)) (*redis.Client, error) {
	o, err := redis.ParseURL(location)
	if err != nil {
		// It may quote the password.
		return nil, errors.New("rediscache: the URL of the server cannot be read: write redis://[[user]:password@]host:port/number, with other characters than A-Z, a-z, 0-9, -, ., _ and ~ in the password as %XX, and no parameters that only Python's client has")
	}
	o.ContextTimeoutEnabled = true
	for _, f := range change {
		f(o)
	}
	return redis.NewClient(o), nil
}
