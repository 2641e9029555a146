package serializer

import (
	"reflect"
	"testing"
)

func TestErrorTexts(t *testing.T) {
	for _, test := range []struct {
		err  error
		want string
	}{
		{&ValueError{Type: reflect.TypeFor[chan int](), Err: errNoForm}, "cannot write Go type chan int as JSON: JSON has no form for it"},
		{&ValueError{Type: reflect.TypeFor[failing](), Err: errSecret, private: true}, "cannot write Go type serializer.failing as JSON: its marshal method returned an error"},
		{&TypeError{Kind: Null, Type: reflect.TypeFor[*int](), Err: errUnexported}, "cannot read JSON null into Go type *int: an embedded pointer to an unexported struct cannot be set"},
		{&TypeError{Kind: String, Type: reflect.TypeFor[int]()}, "cannot read a JSON string into Go type int"},
		{&TypeError{Kind: Int, Type: reflect.TypeFor[int8](), Field: "cart.qty", Err: errRange}, "cannot read a JSON integer into Go type int8 (field cart.qty): out of range"},
		{&TypeError{Kind: String, Type: reflect.TypeFor[int](), key: true}, "cannot read an object's key into Go type int"},
		{&TargetError{}, "cannot decode into <nil>: give a non-nil pointer"},
		{&TargetError{reflect.TypeFor[int]()}, "cannot decode into int: give a non-nil pointer"},
		{&TargetError{reflect.TypeFor[*int]()}, "cannot decode into *int: give a non-nil pointer"},
		{&SyntaxError{7, "expected a value"}, "not JSON: expected a value at byte 7"},
	} {
		if got := test.err.Error(); got != test.want {
			t.Errorf("got  %s\nwant %s", got, test.want)
		}
	}
}
