package filecache

import (
	"encoding/binary"
	"errors"
	"math"
	"time"
)

// A file holds two pickles: when it expires, as a float of seconds or None for never, and then
// the value's, compressed with zlib.

var errHeader = errors.New("it does not begin with a pickled expiry as Django writes it")

// Opcodes of a pickle.
const (
	opProto    = 0x80
	opFrame    = 0x95
	opBinFloat = 'G'
	opBinInt   = 'J'
	opNone     = 'N'
	opStop     = '.'
)

// split returns when a file expires, or the zero Time if it never does, and its compressed
// value. An empty file, which Django takes for an expired one, has expired in 1970.
func split(content []byte) (expires time.Time, stream []byte, err error) {
	if len(content) == 0 {
		return time.Unix(0, 0), nil, nil
	}
	rest := content
	take := func(n int) []byte {
		if len(rest) < n {
			err = errHeader
			return make([]byte, n)
		}
		taken := rest[:n]
		rest = rest[n:]
		return taken
	}
	next := func(code byte) bool { return len(rest) > 0 && rest[0] == code }
	if next(opProto) {
		if version := take(2)[1]; version < 2 || version > 5 {
			return time.Time{}, nil, errHeader
		}
	}
	if next(opFrame) {
		if size := binary.LittleEndian.Uint64(take(9)[1:]); size > 10 {
			return time.Time{}, nil, errHeader
		}
	}
	var seconds float64
	switch take(1)[0] {
	case opNone:
	case opBinFloat:
		seconds = math.Float64frombits(binary.BigEndian.Uint64(take(8)))
		expires = instant(seconds)
	case opBinInt:
		expires = instant(float64(int32(binary.LittleEndian.Uint32(take(4)))))
	default:
		return time.Time{}, nil, errHeader
	}
	if take(1)[0] != opStop || err != nil || math.IsNaN(seconds) {
		return time.Time{}, nil, errHeader
	}
	return expires, rest, nil
}

// instant returns a Unix time. Those that are out of range are far in the past or the future.
func instant(seconds float64) time.Time {
	const far = 1 << 40
	whole, fraction := math.Modf(max(-far, min(far, seconds)))
	return time.Unix(int64(whole), int64(fraction*1e9))
}

// header returns the pickle of an expiry, in a protocol that every Python 3 reads.
func header(expires time.Time) []byte {
	seconds := float64(expires.Unix()) + float64(expires.Nanosecond())/1e9
	data := append([]byte{opProto, 4, opFrame}, binary.LittleEndian.AppendUint64(nil, 10)...)
	data = append(data, opBinFloat)
	data = binary.BigEndian.AppendUint64(data, math.Float64bits(seconds))
	return append(data, opStop)
}
