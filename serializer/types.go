package serializer

import (
	"encoding"
	"encoding/json"
	"math/big"
	"reflect"
	"sync"
	"time"
)

// typeInfo is what must be known of a type to encode and decode its values.
type typeInfo struct {
	encode func(*encoder, reflect.Value) error // nil if the kind says how
	decode func(*decoder, reflect.Value) error // the same
	bytes  bool                                // a slice of bytes, which is base64

	textKey bool              // as a map's key it is read by its UnmarshalText
	fields  func() *fieldList // of a struct
}

var (
	timeType            = reflect.TypeFor[time.Time]()
	numberType          = reflect.TypeFor[json.Number]()
	bigIntType          = reflect.TypeFor[big.Int]()
	marshalerType       = reflect.TypeFor[json.Marshaler]()
	textMarshalerType   = reflect.TypeFor[encoding.TextMarshaler]()
	unmarshalerType     = reflect.TypeFor[json.Unmarshaler]()
	textUnmarshalerType = reflect.TypeFor[encoding.TextUnmarshaler]()
)

var typeInfos sync.Map // reflect.Type -> *typeInfo

func infoOf(t reflect.Type) *typeInfo {
	if info, ok := typeInfos.Load(t); ok {
		return info.(*typeInfo)
	}
	info, _ := typeInfos.LoadOrStore(t, newTypeInfo(t))
	return info.(*typeInfo)
}

func newTypeInfo(t reflect.Type) *typeInfo {
	pointer := reflect.PointerTo(t) // it has the methods of t, too
	info := &typeInfo{textKey: pointer.Implements(textUnmarshalerType)}
	switch t.Kind() {
	case reflect.Pointer, reflect.Interface:
		return info // the methods of what it leads to count
	case reflect.Struct:
		info.fields = sync.OnceValue(func() *fieldList { return fieldsOf(t) })
	case reflect.Slice:
		info.bytes = t.Elem().Kind() == reflect.Uint8 && reflect.PointerTo(t.Elem()).NumMethod() == 0
	}
	switch {
	case t == timeType:
		info.encode = (*encoder).date
	case t == numberType:
		info.encode = (*encoder).number
	case pointer.Implements(marshalerType):
		info.encode = (*encoder).marshaler
	case pointer.Implements(textMarshalerType):
		info.encode = (*encoder).textMarshaler
	}
	switch {
	case t == timeType:
		info.decode = (*decoder).date
	case t == numberType:
		info.decode = (*decoder).number
	case t == bigIntType:
		info.decode = (*decoder).bigInt
	case pointer.Implements(unmarshalerType):
		info.decode = (*decoder).unmarshaler
	case pointer.Implements(textUnmarshalerType):
		info.decode = (*decoder).textUnmarshaler
	}
	return info
}

// addressOf returns a pointer to v, or to a copy of v if it has no address.
func addressOf(v reflect.Value) any {
	if !v.CanAddr() {
		c := reflect.New(v.Type()).Elem()
		c.Set(v)
		v = c
	}
	return v.Addr().Interface()
}

// isKeyKind reports whether a map's keys of that kind need no method.
func isKeyKind(k reflect.Kind) bool {
	return k == reflect.String || reflect.Int <= k && k <= reflect.Uintptr
}
