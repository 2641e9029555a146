package djangoredis

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"unicode/utf8"

	"github.com/tinylib/msgp/msgp"

	"github.com/djsession/djsession/serializer"
)

// msgpackSerializer is msgpack.dumps and msgpack.loads of Python's msgpack.
type msgpackSerializer struct{}

// errNoForm is a value that MessagePack has no form for.
type errNoForm string

func (e errNoForm) Error() string { return "MessagePack cannot hold " + string(e) }

// Is makes it a serializer.ErrFormat.
func (errNoForm) Is(target error) bool { return target == serializer.ErrFormat }

const (
	errMsgpackText = errNoForm("text that is not UTF-8")
	errMsgpackInt  = errNoForm("an integer of more than 64 bits")
	errMsgpackType = errNoForm("a value of its type")
)

// msgpackDepth is how deeply values may be nested, as elsewhere in sessions. Python's reader
// gives up at 1,024 levels.
const msgpackDepth = 500

func (msgpackSerializer) Dumps(d *serializer.Dict) ([]byte, error) {
	return appendMsgpackDict(nil, d, msgpackDepth)
}

func appendMsgpackDict(out []byte, d *serializer.Dict, depth int) ([]byte, error) {
	out = msgp.AppendMapHeader(out, uint32(d.Len()))
	for key, value := range d.All() {
		if !utf8.ValidString(key) {
			return nil, errMsgpackText
		}
		var err error
		if out, err = appendMsgpack(msgp.AppendString(out, key), value, depth-1); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func appendMsgpack(out []byte, v serializer.Value, depth int) ([]byte, error) {
	if depth < 0 {
		return nil, serializer.ErrNesting
	}
	if v.Format() == serializer.FormatJSON {
		switch v.Kind() {
		case serializer.Object:
			var d serializer.Dict
			if err := v.Decode(&d); err != nil {
				return nil, err
			}
			return appendMsgpackDict(out, &d, depth)
		case serializer.Array:
			var list []serializer.Value
			err := v.Decode(&list)
			out = msgp.AppendArrayHeader(out, uint32(len(list)))
			for _, item := range list {
				if err == nil {
					out, err = appendMsgpack(out, item, depth-1)
				}
			}
			return out, err
		}
	}
	var leaf any
	if err := v.Decode(&leaf); err != nil {
		return nil, err
	}
	return appendMsgpackGo(out, leaf, depth)
}

// appendMsgpackGo appends what a value was decoded into.
func appendMsgpackGo(out []byte, v any, depth int) ([]byte, error) {
	if depth < 0 {
		return nil, serializer.ErrNesting
	}
	switch v := v.(type) {
	case nil:
		return msgp.AppendNil(out), nil
	case bool:
		return msgp.AppendBool(out, v), nil
	case int64:
		return msgp.AppendInt64(out, v), nil
	case *big.Int:
		if !v.IsUint64() {
			return nil, errMsgpackInt
		}
		return msgp.AppendUint64(out, v.Uint64()), nil
	case float64:
		if math.IsNaN(v) {
			v = math.Float64frombits(0x7ff8 << 48) // as Python has it; Go's has one bit more
		}
		return msgp.AppendFloat64(out, v), nil
	case string:
		if !utf8.ValidString(v) {
			return nil, errMsgpackText
		}
		return msgp.AppendString(out, v), nil
	case []byte:
		return msgp.AppendBytes(out, v), nil
	case []any:
		out, err := msgp.AppendArrayHeader(out, uint32(len(v))), error(nil)
		for _, item := range v {
			if err == nil {
				out, err = appendMsgpackGo(out, item, depth-1)
			}
		}
		return out, err
	case map[string]any:
		keys := make([]string, 0, len(v))
		for key := range v {
			if !utf8.ValidString(key) {
				return nil, errMsgpackText
			}
			keys = append(keys, key)
		}
		slices.Sort(keys)
		out, err := msgp.AppendMapHeader(out, uint32(len(v))), error(nil)
		for _, key := range keys {
			if err == nil {
				out, err = appendMsgpackGo(msgp.AppendString(out, key), v[key], depth-1)
			}
		}
		return out, err
	}
	return nil, fmt.Errorf("%w: %T", errMsgpackType, v)
}
