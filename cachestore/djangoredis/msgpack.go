package djangoredis

import (
	"fmt"
	"math"
	"math/big"
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
	switch v.Kind() {
	case serializer.Object:
		var d serializer.Dict
		if err := v.Decode(&d); err != nil {
			return nil, fmt.Errorf("%w: %w", errMsgpackType, err)
		}
		return appendMsgpackDict(out, &d, depth)
	case serializer.Array, serializer.Tuple:
		var list []serializer.Value
		err := v.Decode(&list)
		out = msgp.AppendArrayHeader(out, uint32(len(list)))
		for _, item := range list {
			if err == nil {
				out, err = appendMsgpack(out, item, depth-1)
			}
		}
		return out, err
	case serializer.Bytes:
		var b []byte
		err := v.Decode(&b)
		return msgp.AppendBytes(out, b), err
	}
	var leaf any
	if err := v.Decode(&leaf); err != nil {
		return nil, err
	}
	return appendMsgpackLeaf(out, leaf)
}

// appendMsgpackLeaf appends what a value was decoded into.
func appendMsgpackLeaf(out []byte, v any) ([]byte, error) {
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
	}
	return nil, fmt.Errorf("%w: %T", errMsgpackType, v)
}
