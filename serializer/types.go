package serializer

import (
	"encoding"
	"encoding/json"
	"math/big"
	"reflect"
	"sync"
)

var (
	numberType = reflect.TypeFor[json.Number]()
	bigIntType = reflect.TypeFor[big.Int]()

	marshalerType       = reflect.TypeFor[json.Marshaler]()
	textMarshalerType   = reflect.TypeFor[encoding.TextMarshaler]()
	unmarshalerType     = reflect.TypeFor[json.Unmarshaler]()
	textUnmarshalerType = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// method says which of encoding's interfaces a type answers to, if any.
type method uint8

const (
	noMethod method = iota
	jsonMethod
	textMethod
)

// typeInfo is what must be known of a type to write and read its values.
type typeInfo struct {
	marshal   method // of the type or of a pointer to it
	byPointer bool   // marshal is a method of the pointer
	unmarshal method // of a pointer to the type
	special   special
	bytes     bool // a slice of bytes without methods: base64
	textKey   bool // as a map's key it is read by its UnmarshalText

	writesDate, readsDate       datePath
	writesDateKey, readsDateKey datePath // as a map's key

	fields func() *structFields // for structs
}

// special marks types that are not treated as their kind and methods say.
type special uint8

const (
	ordinary special = iota
	specialNumber
	specialBigInt
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
	pointer := reflect.PointerTo(t)
	info := &typeInfo{textKey: pointer.Implements(textUnmarshalerType)}
	if t.Kind() == reflect.Struct {
		info.fields = sync.OnceValue(func() *structFields { return findFields(t) })
	}
	switch t {
	case numberType:
		info.special = specialNumber
		return info
	case bigIntType:
		info.special = specialBigInt
		return info
	}
	asKey := t
	if t.Kind() == reflect.Pointer {
		asKey = t.Elem()
	}
	info.writesDateKey, info.readsDateKey = findDate(asKey, writesKey), findDate(asKey, readsKey)
	if t.Kind() == reflect.Pointer || t.Kind() == reflect.Interface {
		return info // the methods count for what it leads to
	}
	info.marshal = methodOf(t, marshalerType, textMarshalerType)
	if m := methodOf(pointer, marshalerType, textMarshalerType); m != info.marshal {
		info.marshal, info.byPointer = m, true
	}
	info.unmarshal = methodOf(pointer, unmarshalerType, textUnmarshalerType)
	info.writesDate, info.readsDate = findDate(t, writesValue), findDate(t, readsValue)
	if t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 {
		elem := reflect.PointerTo(t.Elem())
		info.bytes = methodOf(elem, marshalerType, textMarshalerType) == noMethod
	}
	return info
}

func methodOf(t, jsonInterface, textInterface reflect.Type) method {
	switch {
	case t.Implements(jsonInterface):
		return jsonMethod
	case t.Implements(textInterface):
		return textMethod
	}
	return noMethod
}

// isKeyKind says whether a map's keys of that kind need no method to be read
// and written.
func isKeyKind(k reflect.Kind) bool { return k == reflect.String || isIntegerKind(k) }

func isIntegerKind(k reflect.Kind) bool { return reflect.Int <= k && k <= reflect.Uintptr }
