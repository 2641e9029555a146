package djangoredis_test

import (
	"slices"
	"testing"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/djangoredis"
	"github.com/djsession/djsession/cachestore/rediscache"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

var servers testenv.Servers

func TestMain(m *testing.M) { servers.Main(m) }

var serializers = map[string]djangoredis.Serializer{"pickle": djangoredis.Pickle, "json": djangoredis.JSON, "msgpack": djangoredis.MsgPack}

var compressors = map[string]djangoredis.Compressor{"identity": djangoredis.Identity, "zlib": djangoredis.Zlib, "gzip": djangoredis.Gzip,
	"lz4": djangoredis.LZ4, "zstd": djangoredis.Zstd, "lzma": djangoredis.LZMA}

// open returns sessions on the shared server.
func open(t testing.TB, e cachestore.Encoding, change func(*django.Settings), opts ...cachestore.Option) *django.Sessions {
	t.Helper()
	client, err := rediscache.NewClient(servers.Redis(t).URL(0))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	set := django.DefaultSettings()
	set.SecretKey = "the-secret-of-the-site"
	set.SessionEngine = django.EngineCache
	if change != nil {
		change(&set)
	}
	ss, err := django.New(set, cachestore.New(rediscache.New(client), append(slices.Clone(opts), cachestore.WithEncoding(e))...))
	if err != nil {
		t.Fatal(err)
	}
	return ss
}
