package djangoredis

import "strings"

// A Compressor is one of django-redis's: COMPRESSOR in the OPTIONS of the site's CACHES. The
// zero Compressor is [Identity].
type Compressor struct {
	name   string
	magic  string // what its values begin with
	longer int    // than so many bytes a value must be to be compressed
	// compress is nil if values are written as they are.
	compress func(data []byte) []byte
	// decompress returns up to limit bytes; more is signing.ErrTooLarge. It is nil if values
	// are read as they are.
	decompress func(value []byte, limit int) ([]byte, error)
	// large reports whether decompressing takes much memory, whatever the result. It may be nil.
	large func(value []byte) bool
}

// The compressors of django-redis.
var (
	// Identity is django_redis.compressors.identity.IdentityCompressor, the default: none.
	Identity = Compressor{name: "identity"}
	// Zlib is django_redis.compressors.zlib.ZlibCompressor.
	Zlib = Compressor{"zlib", "\x78", 15, deflate, inflate, nil}
	// Gzip is django_redis.compressors.gzip.GzipCompressor.
	Gzip = Compressor{"gzip", "\x1f\x8b", 15, gzipCompress, gunzip, nil}
	// LZ4 is django_redis.compressors.lz4.Lz4Compressor.
	LZ4 = Compressor{"lz4", "\x04\x22\x4d\x18", 15, lz4Compress, lz4Decompress, lz4Large}
	// Zstd is django_redis.compressors.zstd.ZStdCompressor.
	Zstd = Compressor{"zstd", "\x28\xb5\x2f\xfd", 15, zstdCompress, zstdDecompress, nil}
	// LZMA is django_redis.compressors.lzma.LzmaCompressor. Its values are read, with
	// dictionaries of up to 16 MiB (presets 0 to 7); values are written without compression,
	// which its decompress reads just as well.
	LZMA = Compressor{"lzma", "\xfd7zXZ\x00", 100, nil, xzDecompress, func([]byte) bool { return true }}
)

// begins reports whether a value may be compressed.
func (c Compressor) begins(value []byte) bool {
	return strings.HasPrefix(string(value[:min(len(value), len(c.magic))]), c.magic)
}

// heavy reports whether decompressing a value takes much memory, whatever the result.
func (c Compressor) heavy(value []byte) bool { return c.large != nil && c.large(value) }

// looksLike says what an unreadable value may be, which helps to find the setting.
func looksLike(value string) string {
	for _, c := range []Compressor{Zlib, Gzip, LZ4, Zstd, LZMA} {
		if strings.HasPrefix(value, c.magic) {
			return "; it begins as what the COMPRESSOR " + c.name + " writes"
		}
	}
	if value != "" && strings.Trim(value, "0123456789") == "" {
		return "; it is an integer"
	}
	return ""
}
