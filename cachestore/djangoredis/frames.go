package djangoredis

import (
	"bytes"
	"errors"
	"sync"

	"github.com/klauspost/compress/zstd"
	"github.com/mikelolasagasti/xz"
	"github.com/pierrec/lz4/v4"

	"github.com/djsession/djsession/internal/payload"
	"github.com/djsession/djsession/signing"
)

var (
	lz4Writers = sync.Pool{New: func() any {
		w := lz4.NewWriter(nil)
		_ = w.Apply(lz4.BlockSizeOption(lz4.Block64Kb), lz4.ConcurrencyOption(1), lz4.ChecksumOption(false))
		return w
	}}
	lz4Readers = sync.Pool{New: func() any {
		r := lz4.NewReader(nil)
		_ = r.Apply(lz4.ConcurrencyOption(1))
		return r
	}}
)

func lz4Compress(data []byte) []byte { return compressWith(&lz4Writers, data) }

func lz4Decompress(value []byte, limit int) ([]byte, error) {
	r := lz4Readers.Get().(*lz4.Reader)
	defer lz4Readers.Put(r)
	r.Reset(bytes.NewReader(value))
	return readUpTo(r, limit)
}

// lz4Large reports whether the frame has blocks above 64 KiB, for which memory is allocated.
func lz4Large(value []byte) bool { return len(value) > 5 && value[5]>>4&7 > 4 }

var zstdWriter = sync.OnceValue(func() *zstd.Encoder {
	w, _ := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(2), zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(1<<20))
	return w
})

func zstdCompress(data []byte) []byte { return zstdWriter().EncodeAll(data, nil) }

// zstdWindow is the largest window of a zstd frame that does not tell its size, in bytes: up to
// level 19 none is larger. django-redis writes frames that do.
const zstdWindow = 8 << 20

// zstdReaders has a *zstd.Decoder for each limit, of which there are two as a rule.
var zstdReaders sync.Map

func zstdDecompress(value []byte, limit int) ([]byte, error) {
	memory := limit
	if limit > payload.Small {
		memory = max(limit, zstdWindow)
	}
	r, ok := zstdReaders.Load(memory)
	if !ok {
		made, err := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(uint64(max(memory, 1))), zstd.WithDecoderLowmem(true), zstd.WithDecoderConcurrency(2))
		if err != nil {
			return nil, err
		}
		if r, ok = zstdReaders.LoadOrStore(memory, made); ok {
			made.Close()
		}
	}
	data, err := r.(*zstd.Decoder).DecodeAll(value, nil)
	if errors.Is(err, zstd.ErrDecoderSizeExceeded) || errors.Is(err, zstd.ErrWindowSizeExceeded) && limit <= payload.Small || len(data) > limit {
		err = signing.ErrTooLarge
	}
	return data, err
}

// xzDictionary is the size of the largest dictionary that is read, in bytes. django-redis
// writes with 4 MiB.
const xzDictionary = 16 << 20

func xzDecompress(value []byte, limit int) ([]byte, error) {
	r, err := xz.NewReader(bytes.NewReader(value), xzDictionary)
	if err != nil {
		return nil, err
	}
	return readUpTo(r, limit)
}
