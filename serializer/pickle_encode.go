package serializer

import (
	"reflect"
	"time"
)

// NaiveTime is a datetime.datetime without a time zone, for [EncodePickle]: the date and the time of day that it shows in its
// Location. [Encode] writes it as its isoformat.
type NaiveTime time.Time

// AsTuple is a tuple for [EncodePickle], and a list for [Encode].
type AsTuple []any

// AsSet is a set for [EncodePickle], and a list for [Encode]. In a set, a list, dict or set is an error.
type AsSet []any

// EncodePickle is [Encode] for a session that is pickled. It writes, at any depth,
//
//   - a time.Time as an aware datetime.datetime with its offset, without what is below a microsecond; a [NaiveTime] as a naive one;
//   - a time.Duration as a datetime.timedelta, without what is below a microsecond;
//   - a []byte as bytes;
//   - an [AsTuple] as a tuple, an [AsSet] as a set;
//   - a map with integers as keys as a dict with int keys.
//
// What it writes otherwise is in [FormatJSON], which pickled sessions hold too. A struct is a dict, in either.
func EncodePickle(v any) (Value, error) {
	switch v.(type) {
	case Value, *Value:
		return Encode(v)
	}
	text, m, err := encodeText(v, true)
	if err != nil {
		return Value{}, err
	}
	if len(m) == 0 {
		return newValue(text, FormatJSON), nil
	}
	p := pickler{buf: []byte(proto4), marks: m}
	if _, err := p.json(text, 0, 0); err != nil {
		return Value{}, &ValueError{Type: reflect.TypeOf(v), Err: err}
	}
	p.op(opStop)
	return ParsePickle(p.buf)
}

// ParsePickle returns the Value of a pickle, in [FormatJSON] if JSON can hold it. It does not keep data. The error is a
// [*PickleError] if the pickle cannot be read.
func ParsePickle(data []byte) (Value, error) {
	u, err := unpickle(string(data))
	if err != nil {
		return Value{}, err
	}
	defer u.release()
	return u.valueOf(u.root)
}
