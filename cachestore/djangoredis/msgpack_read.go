package djangoredis

import (
	"encoding/binary"
	"errors"
	"math"
	"unicode/utf8"

	"github.com/tinylib/msgp/msgp"

	"github.com/djsession/djsession/serializer"
)

// Loads reads MessagePack as msgpack.loads(data, raw=False) does. It is translated into a
// pickle of the same values, which holds all of them, in order.
func (msgpackSerializer) Loads(data []byte) (*serializer.Dict, error) {
	if msgp.NextType(data) != msgp.MapType {
		return nil, errors.New("it is no MessagePack, or not a dict")
	}
	pickle, rest, err := pickled([]byte("\x80\x04"), data, msgpackDepth)
	switch {
	case err != nil:
		return nil, errors.New("MessagePack that Python's msgpack does not read, or of a type that is not supported")
	case len(rest) > 0:
		return nil, errors.New("there are bytes after the MessagePack")
	}
	return serializer.Pickle.Loads(append(pickle, '.'))
}

// pickled appends the opcodes that make the next value in data, and returns what follows it.
// In what it appends, each value is at most six times as large as in data.
func pickled(out, data []byte, depth int) ([]byte, []byte, error) {
	if depth < 0 {
		return nil, nil, serializer.ErrNesting
	}
	switch msgp.NextType(data) {
	case msgp.NilType:
		rest, err := msgp.ReadNilBytes(data)
		return append(out, 'N'), rest, err
	case msgp.BoolType:
		v, rest, err := msgp.ReadBoolBytes(data)
		if v {
			return append(out, '\x88'), rest, err
		}
		return append(out, '\x89'), rest, err
	case msgp.IntType:
		v, rest, err := msgp.ReadInt64Bytes(data)
		if small := int32(v); int64(small) == v {
			return binary.LittleEndian.AppendUint32(append(out, 'J'), uint32(small)), rest, err
		}
		return binary.LittleEndian.AppendUint64(append(out, '\x8a', 8), uint64(v)), rest, err
	case msgp.UintType: // of two bytes or more
		v, rest, err := msgp.ReadUint64Bytes(data)
		return append(binary.LittleEndian.AppendUint64(append(out, '\x8a', 9), v), 0), rest, err
	case msgp.Float64Type:
		v, rest, err := msgp.ReadFloat64Bytes(data)
		return binary.BigEndian.AppendUint64(append(out, 'G'), math.Float64bits(v)), rest, err
	case msgp.Float32Type:
		v, rest, err := msgp.ReadFloat32Bytes(data)
		return binary.BigEndian.AppendUint64(append(out, 'G'), math.Float64bits(float64(v))), rest, err
	case msgp.StrType:
		return pickledText(out, data)
	case msgp.BinType:
		v, rest, err := msgp.ReadBytesZC(data)
		return append(binary.LittleEndian.AppendUint32(append(out, 'B'), uint32(len(v))), v...), rest, err
	case msgp.ArrayType:
		n, rest, err := msgp.ReadArrayHeaderBytes(data)
		out = append(out, ']', '(')
		for ; n > 0 && err == nil; n-- {
			out, rest, err = pickled(out, rest, depth-1)
		}
		return append(out, 'e'), rest, err
	case msgp.MapType:
		n, rest, err := msgp.ReadMapHeaderBytes(data)
		out = append(out, '}', '(')
		for ; n > 0 && err == nil; n-- {
			// Python's msgpack refuses other keys than str and bytes (strict_map_key); bytes
			// are refused here.
			if out, rest, err = pickledText(out, rest); err == nil {
				out, rest, err = pickled(out, rest, depth-1)
			}
		}
		return append(out, 'u'), rest, err
	}
	return nil, nil, errMsgpackType
}

func pickledText(out, data []byte) ([]byte, []byte, error) {
	v, rest, err := msgp.ReadStringZC(data)
	if err == nil && !utf8.Valid(v) {
		err = errMsgpackText
	}
	return append(binary.LittleEndian.AppendUint32(append(out, 'X'), uint32(len(v))), v...), rest, err
}
