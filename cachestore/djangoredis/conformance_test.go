package djangoredis_test

import (
	"testing"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/djangoredis"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/django/storetest"
	"github.com/djsession/djsession/internal/testenv"
)

func TestConformance(t *testing.T) {
	servers.Redis(t)
	for name, e := range map[string]cachestore.Encoding{
		"pickle, gzip":  djangoredis.Encoding(djangoredis.Pickle, djangoredis.Gzip),
		"json, zlib":    djangoredis.Encoding(djangoredis.JSON, djangoredis.Zlib),
		"json, lz4":     djangoredis.Encoding(djangoredis.JSON, djangoredis.LZ4),
		"msgpack, zstd": djangoredis.Encoding(djangoredis.MsgPack, djangoredis.Zstd),
		"msgpack, lzma": djangoredis.Encoding(djangoredis.MsgPack, djangoredis.LZMA),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Run(t, func(t *testing.T) django.Store {
				return open(t, e, nil, cachestore.WithKeyPrefix(testenv.NewKeyPrefix())).Store()
			})
		})
	}
}
