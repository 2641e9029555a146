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
	encode, decode way
	bytes          bool                 // a slice of bytes, which is base64
	textKey        bool                 // as a map's key it is read by its UnmarshalText
	fields         func() *structFields // of a struct
}

// way is how values of a type are encoded or decoded.
type way uint8

const (
	byKind way = iota
	asDate
	asNaive
	asDuration
	asNumber
	asBigInt
	byJSONMethod
	byTextMethod
)

var (
	timeType            = reflect.TypeFor[time.Time]()
	naiveType           = reflect.TypeFor[NaiveTime]()
	durationType        = reflect.TypeFor[time.Duration]()
	tupleType           = reflect.TypeFor[AsTuple]()
	setType             = reflect.TypeFor[AsSet]()
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
		info.fields = sync.OnceValue(func() *structFields { return fieldsOf(t) })
	case reflect.Slice:
		info.bytes = t.Elem().Kind() == reflect.Uint8 && reflect.PointerTo(t.Elem()).NumMethod() == 0
	}
	info.encode = wayOf(pointer, marshalerType, textMarshalerType)
	info.decode = wayOf(pointer, unmarshalerType, textUnmarshalerType)
	switch t {
	case timeType:
		info.encode, info.decode = asDate, asDate
	case naiveType:
		info.encode = asNaive
	case durationType:
		info.encode = asDuration
	case numberType:
		info.encode, info.decode = asNumber, asNumber
	case bigIntType:
		info.decode = asBigInt
	}
	return info
}

func wayOf(t, jsonMethod, textMethod reflect.Type) way {
	switch {
	case t.Implements(jsonMethod):
		return byJSONMethod
	case t.Implements(textMethod):
		return byTextMethod
	}
	return byKind
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
