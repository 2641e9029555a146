// Package djangoredis encodes sessions as django-redis does, for sites whose cache is
// django_redis.cache.RedisCache. By default django-redis pickles and does not compress, as
// cachestore.Pickle does; with other OPTIONS:
//
//	encoding := djangoredis.Encoding(djangoredis.JSON, djangoredis.Zstd)
//	cachestore.New(rediscache.New(client), cachestore.WithEncoding(encoding))
//
// Every PICKLE_VERSION is read; protocol 4 is written, which every Python 3 reads.
package djangoredis
