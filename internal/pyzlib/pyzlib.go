// Package pyzlib compresses and inflates as Python's zlib.compress and zlib.decompress do, in
// bounded memory.
package pyzlib

import (
	"bytes"
	"compress/zlib"
	"context"
	"errors"
	"io"
	"math"
	"sync"

	"github.com/djsession/djsession/internal/payload"
)

var (
	// ErrZlib: the stream is damaged, cut off, or needs a preset dictionary.
	ErrZlib = errors.New("zlib: the data is damaged")
	// ErrTooLarge: the data is larger than the limit.
	ErrTooLarge = errors.New("zlib: the data is larger than the limit")
)

// Inflate returns the data of a stream, up to max bytes. Bytes after the end of the stream are
// ignored. The errors are [ErrZlib], [ErrTooLarge] and, since few large streams are inflated
// at once, ctx.Err().
func Inflate(ctx context.Context, stream []byte, max int) ([]byte, error) {
	const presetDictionary = 0x20 // compress/zlib would use the empty one
	if len(stream) < 2 || stream[1]&presetDictionary != 0 {
		return nil, ErrZlib
	}
	reader, err := zlib.NewReader(bytes.NewReader(stream))
	if err != nil {
		return nil, ErrZlib
	}
	limit := int64(min(max, math.MaxInt-1)) + 1 // one byte too many shows that the stream goes on
	var data bytes.Buffer
	n, err := data.ReadFrom(io.LimitReader(reader, min(limit, payload.Small+1)))
	if err == nil && n > payload.Small && n < limit {
		hold, held := payload.Take(ctx, int(n))
		if held != nil {
			return nil, held
		}
		defer hold.Release()
		_, err = data.ReadFrom(io.LimitReader(reader, limit-n))
	}
	switch {
	case err != nil:
		return nil, ErrZlib
	case data.Len() > max:
		return nil, ErrTooLarge
	}
	return data.Bytes(), nil
}

var writers = sync.Pool{New: func() any { return zlib.NewWriter(io.Discard) }}

// AppendDeflated appends the compressed data to dst.
func AppendDeflated(dst, data []byte) []byte {
	w := writers.Get().(*zlib.Writer)
	defer writers.Put(w)
	buffer := bytes.NewBuffer(dst)
	w.Reset(buffer)
	_, _ = w.Write(data) // a bytes.Buffer does not fail
	_ = w.Close()
	return buffer.Bytes()
}
