package djangoredis

import (
	"bytes"
	"compress/gzip"
	"io"
	"sync"

	"github.com/djsession/djsession/internal/pyzlib"
	"github.com/djsession/djsession/signing"
)

// What compresses and inflates is kept: making a compressor allocates about 800 KiB.
var (
	gzipWriters = sync.Pool{New: func() any { w, _ := gzip.NewWriterLevel(nil, gzip.BestCompression); return w }}
	inflaters   = sync.Pool{New: func() any { return new(pyzlib.Inflater) }}
	gzipReaders sync.Pool
)

// resetter is what the compressors of package compress have in common.
type resetter interface {
	io.WriteCloser
	Reset(io.Writer)
}

func compressWith(pool *sync.Pool, data []byte) []byte {
	w := pool.Get().(resetter)
	defer pool.Put(w)
	var out bytes.Buffer
	w.Reset(&out)
	_, _ = w.Write(data) // to a bytes.Buffer, which cannot fail
	_ = w.Close()
	return out.Bytes()
}

func deflate(data []byte) []byte { return pyzlib.AppendDeflated(nil, data) }

func gzipCompress(data []byte) []byte { return compressWith(&gzipWriters, data) }

func inflate(value []byte, limit int) ([]byte, error) {
	z := inflaters.Get().(*pyzlib.Inflater)
	defer inflaters.Put(z)
	z.Reset(value)
	data, err := z.Append(nil, limit)
	z.Reset(nil)
	if err == pyzlib.ErrTooLarge {
		err = signing.ErrTooLarge
	}
	return data, err
}

func gunzip(value []byte, limit int) ([]byte, error) {
	in := bytes.NewReader(value)
	r, ok := gzipReaders.Get().(*gzip.Reader)
	var err error
	if ok {
		err = r.Reset(in)
	} else {
		r, err = gzip.NewReader(in)
	}
	if err != nil {
		return nil, err
	}
	defer gzipReaders.Put(r)
	return readUpTo(r, limit)
}

// readUpTo reads all of r. More than limit bytes are signing.ErrTooLarge.
func readUpTo(r io.Reader, limit int) ([]byte, error) {
	var out bytes.Buffer
	_, err := out.ReadFrom(io.LimitReader(r, int64(limit)+1))
	switch {
	case err != nil:
		return nil, err
	case out.Len() > limit:
		return nil, signing.ErrTooLarge
	}
	return out.Bytes(), nil
}
