package serializer

import (
	"encoding/json"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"
)

type (
	stubborn     struct{}
	stubbornText struct{}
	stubbornKey  string
)

func (*stubborn) UnmarshalJSON([]byte) error     { return errSecret }
func (*stubbornText) UnmarshalText([]byte) error { return errSecret }
func (*stubbornKey) UnmarshalText([]byte) error  { return errSecret }

type notEmpty interface{ Method() }

func TestUnmarshalTypeErrors(t *testing.T) {
	type lines struct {
		Lines []struct {
			Qty int `json:"qty"`
		} `json:"lines"`
	}
	for _, test := range []struct {
		text string
		into any
		want string
	}{
		{`"s3cr3t"`, new(int), "cannot read a JSON string into Go type int"},
		{`1.0`, new(int), "cannot read a JSON float into Go type int"},
		{`1e3`, new(uint8), "cannot read a JSON float into Go type uint8"},
		{`NaN`, new(int64), "cannot read a JSON float into Go type int64"},
		{`9223372036854775808`, new(int), "cannot read a JSON integer into Go type int: out of range"},
		{`128`, new(int8), "cannot read a JSON integer into Go type int8: out of range"},
		{`256`, new(uint8), "cannot read a JSON integer into Go type uint8: out of range"},
		{`-1`, new(uint), "cannot read a JSON integer into Go type uint: out of range"},
		{`1` + strings.Repeat("0", 400), new(float64), "cannot read a JSON integer into Go type float64: out of range"},
		{`1e39`, new(float32), "cannot read a JSON float into Go type float32: out of range"},
		{`true`, new(string), "cannot read a JSON bool into Go type string"},
		{`1`, new(string), "cannot read a JSON integer into Go type string"},
		{`1`, new(bool), "cannot read a JSON integer into Go type bool"},
		{`"true"`, new(bool), "cannot read a JSON string into Go type bool"},
		{`{}`, new([]int), "cannot read a JSON object into Go type []int"},
		{`[]`, new(map[string]int), "cannot read a JSON array into Go type map[string]int"},
		{`[]`, new(item), "cannot read a JSON array into Go type serializer.item"},
		{`"12"`, new(json.Number), "cannot read a JSON string into Go type json.Number"},
		{`1.0`, new(big.Int), "cannot read a JSON float into Go type big.Int"},
		{`"1"`, new(*big.Int), "cannot read a JSON string into Go type big.Int"},
		{`"s3cr3t!"`, new([]byte), "cannot read a JSON string into Go type []uint8: not base64"},
		{`1`, new(notEmpty), "cannot read a JSON integer into Go type serializer.notEmpty"},
		{`"a"`, new(notEmpty), "cannot read a JSON string into Go type serializer.notEmpty"},
		{`[]`, new(notEmpty), "cannot read a JSON array into Go type serializer.notEmpty"},
		{`{}`, new(notEmpty), "cannot read a JSON object into Go type serializer.notEmpty"},
		{`true`, new(notEmpty), "cannot read a JSON bool into Go type serializer.notEmpty"},
		{`{"a":1}`, new(map[bool]int), "cannot read a JSON object into Go type map[bool]int"},
		{`{"s3cr3t":1}`, new(map[int]int), "cannot read an object's key into Go type int"},
		{`{"1":1,"+1":2}`, new(map[int]int), "cannot read an object's key into Go type int"},
		{`{"1":1,"01":2}`, new(map[uint]int), "cannot read an object's key into Go type uint"},
		{`{"0":1,"-0":2}`, new(map[int]int), "cannot read an object's key into Go type int"},
		{`{"0":1,"-0":2}`, new(map[uint]int), "cannot read an object's key into Go type uint"},
		{`{"300":1}`, new(map[uint8]int), "cannot read an object's key into Go type uint8"},
		{`{"s3cr3t":1}`, new(map[stubbornKey]int), "cannot read an object's key into Go type serializer.stubbornKey: its unmarshal method returned an error"},
		{`"s3cr3t"`, new(stubborn), "cannot read a JSON string into Go type serializer.stubborn: its unmarshal method returned an error"},
		{`"s3cr3t"`, new(stubbornText), "cannot read a JSON string into Go type serializer.stubbornText: its unmarshal method returned an error"},
		{`5`, new(stubbornText), "cannot read a JSON integer into Go type serializer.stubbornText"},
		{`"s3cr3t"`, new(time.Time), "cannot read a JSON string into Go type time.Time: not an ISO 8601 date"},
		{`{"lines":[{"qty":1},{"qty":"s3cr3t"}]}`, new(lines), "cannot read a JSON string into Go type int (field lines.qty)"},
		{`{"F":1}`, new(struct {
			F int `json:",string"`
		}), "cannot read a JSON integer into Go type int (field F): the field's string option wants a literal within a JSON string"},
		{`{"F":" 1"}`, new(struct {
			F int `json:",string"`
		}), "cannot read a JSON string into Go type int (field F): the field's string option wants a literal within a JSON string"},
		{`{"F":"1 "}`, new(struct {
			F int `json:",string"`
		}), "cannot read a JSON string into Go type int (field F): the field's string option wants a literal within a JSON string"},
		{`{"F":"[1]"}`, new(struct {
			F *int `json:",string"`
		}), "cannot read a JSON string into Go type *int (field F): the field's string option wants a literal within a JSON string"},
		{`{"F":"1.0"}`, new(struct {
			F int `json:",string"`
		}), "cannot read a JSON float into Go type int (field F)"},
		{`{"base":{"ID":1}}`, new(struct {
			*hiddenBase `json:"base"`
		}), "cannot read a JSON object into Go type *serializer.hiddenBase (field base): an embedded pointer to an unexported struct cannot be set"},
		{`{"n":1}`, new(hiddenMethods), "cannot read a JSON integer into Go type big.Int (field n)"},
		{`{"N":null,"M":true}`, new(struct{ N, M big.Int }), "cannot read a JSON bool into Go type big.Int (field M)"},
		{`{"ID":1}`, new(struct{ *hiddenBase }), "cannot read a JSON integer into Go type *serializer.hiddenBase (field ID): an embedded pointer to an unexported struct cannot be set"},
	} {
		err := unmarshal([]byte(test.text), test.into)
		if err == nil || err.Error() != test.want {
			t.Errorf("%s into %T:\n got %v\nwant %s", test.text, test.into, err, test.want)
		}
		if !errors.As(err, new(*TypeError)) {
			t.Errorf("%T is no TypeError", err)
		}
	}
	if err := unmarshal([]byte(`1`), new(stubborn)); !errors.Is(err, errSecret) {
		t.Error("an Unmarshaler's own error cannot be had")
	}
}

type hiddenBase struct{ ID int }

func TestUnmarshalWantsAPointer(t *testing.T) {
	for _, into := range []any{nil, 1, map[string]int{}, (*int)(nil), (*string)(nil), item{}} {
		for _, text := range []string{`1`, `"1"`} {
			if err := unmarshal([]byte(text), into); !errors.As(err, new(*TargetError)) {
				t.Errorf("%s into %T: got %v", text, into, err)
			}
		}
	}
}

func TestUnmarshalLeavesTheTargetOnSyntaxErrors(t *testing.T) {
	got := item{SKU: "old"}
	err := unmarshal([]byte(`{"sku":"new",}`), &got)
	if !errors.As(err, new(*SyntaxError)) || got.SKU != "old" {
		t.Errorf("got %+v, %v", got, err)
	}
}
