package serializer_test

import (
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/serializer"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 5000, time.UTC)

// pickle returns the pickled Value of what EncodePickle writes.
func pickle(t *testing.T, v any) serializer.Value {
	t.Helper()
	value, err := serializer.EncodePickle(v)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// python returns the Value of a pickle.
func python(t *testing.T, p string) serializer.Value {
	t.Helper()
	value, err := serializer.ParsePickle([]byte(p))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

const (
	decimalPickle = "\x80\x04cdecimal\nDecimal\n\x8c\x041.10\x85R."
	uuidPickle    = "\x80\x04cuuid\nUUID\n)\x81}\x8c\x03intK\x05sb."
	objectPickle  = "\x80\x04csite\nThing\n)R."
)

func TestDecodePickle(t *testing.T) {
	type named struct {
		At    time.Time `json:"at"`
		Until *time.Time
		Codes map[int]string `json:"codes"`
		Raw   []byte         `json:"raw"`
		Other serializer.Value
		Rest  *serializer.Dict
	}
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		value serializer.Value
		want  any // into what, and what comes of it
	}{
		"a tuple as a slice":       {pickle(t, serializer.AsTuple{1, 2}), []int{1, 2}},
		"a tuple as an array":      {pickle(t, serializer.AsTuple{1, 2}), [2]int8{1, 2}},
		"a set as a slice":         {pickle(t, serializer.AsSet{"a"}), []string{"a"}},
		"a set as a set":           {pickle(t, serializer.AsSet{"a", "b"}), map[string]struct{}{"a": {}, "b": {}}},
		"a set of ints as a set":   {pickle(t, serializer.AsSet{1}), map[int]bool{1: true}},
		"a set of tuples":          {pickle(t, serializer.AsSet{serializer.AsTuple{1, 2}}), map[[2]int]bool{{1, 2}: true}},
		"bytes":                    {pickle(t, []byte("x\xff")), []byte("x\xff")},
		"a datetime":               {pickle(t, noon), noon},
		"a datetime as text":       {pickle(t, noon), "2026-01-02T12:00:00.000005+00:00"},
		"a datetime with offset":   {pickle(t, noon.In(time.FixedZone("", 3600))), "2026-01-02T13:00:00.000005+01:00"},
		"a naive datetime":         {pickle(t, serializer.NaiveTime(noon)), noon.Add(-time.Hour).In(berlin)},
		"a timedelta":              {pickle(t, -time.Minute), -time.Minute},
		"int keys":                 {pickle(t, map[int]string{1: "a", -1: "b"}), map[int8]string{1: "a", -1: "b"}},
		"int keys in a tuple":      {pickle(t, serializer.AsTuple{map[uint64]int{1: 2, 1 << 62: 3}}), []map[uint64]int{{1: 2, 1 << 62: 3}}},
		"int keys as text":         {pickle(t, map[int]string{1: "a"}), map[string]string{"1": "a"}},
		"a decimal as text":        {python(t, decimalPickle), "1.10"},
		"a decimal as a fraction":  {python(t, decimalPickle), *big.NewRat(11, 10)},
		"a uuid as text":           {python(t, uuidPickle), "00000000-0000-0000-0000-000000000005"},
		"a uuid as bytes":          {python(t, uuidPickle), [16]byte{15: 5}},
		"None in a tuple":          {pickle(t, serializer.AsTuple{nil}), []*int{nil}},
		"an any":                   {pickle(t, serializer.AsTuple{noon, []byte("x"), time.Second, 1.0, nil}), any([]any{noon, []byte("x"), time.Second, 1.0, nil})},
		"an any of int keys":       {pickle(t, map[int]any{1: serializer.AsSet{2}}), any(map[int64]any{1: []any{int64(2)}})},
		"an object beside":         {python(t, "\x80\x04}(\x8c\x01a\x8c\x01b\x8c\x02ob"+objectPickle[2:len(objectPickle)-1]+"u."), struct{ A string }{"b"}},
		"a struct":                 {pickle(t, map[string]any{"at": noon, "Until": noon, "codes": map[int]string{7: "x"}, "raw": []byte("r"), "Other": 5}), named{noon, &noon, map[int]string{7: "x"}, []byte("r"), python(t, "K\x05."), nil}},
		"a Value in a dict":        {pickle(t, map[string]any{"a": noon, "b": []int{1}}), map[string]serializer.Value{"a": pickle(t, noon), "b": pickle(t, []int{1})}},
		"a slice of any from JSON": {pickle(t, []int{1}), any([]any{int64(1)})},
	} {
		into := reflect.New(reflect.TypeOf(tt.want))
		if name == "an any" || name == "an any of int keys" || name == "a slice of any from JSON" {
			into = reflect.ValueOf(new(any))
		}
		if err := tt.value.DecodeIn(into.Interface(), berlin); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := into.Elem().Interface(); fmt.Sprintf("%#v", got) != fmt.Sprintf("%#v", tt.want) && !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: %#v, want %#v", name, got, tt.want)
		}
	}
}

func TestDecodePickleMismatch(t *testing.T) {
	for name, tt := range map[string]struct {
		value serializer.Value
		into  any
	}{
		"bytes into a string":        {pickle(t, []byte("x")), new(string)},
		"a string into bytes":        {python(t, "\x80\x04\x8c\x01!\x85."), new([][]byte)},
		"a datetime into an int":     {pickle(t, noon), new(int)},
		"a timedelta into an int":    {pickle(t, time.Second), new(int)},
		"a tuple into a map":         {pickle(t, serializer.AsTuple{1}), new(map[int]bool)},
		"a set of tuples into a set": {pickle(t, serializer.AsSet{serializer.AsTuple{1}}), new(map[any]bool)},
		"a set into a map of ints":   {pickle(t, serializer.AsSet{1}), new(map[int]int)},
		"a decimal into a float":     {python(t, decimalPickle), new(float64)},
		"a decimal into bytes":       {python(t, decimalPickle), new([16]byte)},
		"an object":                  {python(t, objectPickle), new(any)},
		"an object into a pointer":   {python(t, objectPickle), new(*int)},
		"an object into a struct":    {python(t, objectPickle), new(struct{})},
		"an object in a list":        {python(t, objectPickle[:2]+"]"+objectPickle[2:len(objectPickle)-1]+"a."), new([]any)},
		"a list that holds itself":   {python(t, "\x80\x04]\x94h\x00a."), new(any)},
	} {
		err := tt.value.Decode(tt.into)
		var mismatch *serializer.TypeError
		if !errors.As(err, &mismatch) {
			t.Errorf("%s: %v into %v", name, err, reflect.ValueOf(tt.into).Elem())
		}
	}
	if err := pickle(t, noon).Decode(nil); !errors.As(err, new(*serializer.TargetError)) {
		t.Errorf("into nil: %v", err)
	}
}

func TestPickleKinds(t *testing.T) {
	for want, v := range map[serializer.Kind]serializer.Value{
		serializer.Tuple: pickle(t, serializer.AsTuple{}), serializer.Set: pickle(t, serializer.AsSet{}), serializer.Bytes: pickle(t, []byte{}),
		serializer.Date: pickle(t, noon), serializer.Duration: pickle(t, time.Hour), serializer.Instance: python(t, objectPickle),
		serializer.Object: pickle(t, map[int]int{1: 2}), serializer.Array: python(t, "]\x94h\x00a."), serializer.Int: pickle(t, 1),
	} {
		if v.Kind() != want {
			t.Errorf("%v, want %v", v.Kind(), want)
		}
	}
}

func TestEncodePickleRefuses(t *testing.T) {
	for name, v := range map[string]any{
		"a list in a set":  serializer.AsSet{[]int{1}},
		"a set in a set":   serializer.AsSet{serializer.AsSet{}},
		"a dict in a set":  serializer.AsSet{serializer.AsTuple{map[string]int{}}},
		"a late year":      serializer.NaiveTime(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)),
		"a func":           func() {},
		"text, not UTF-8":  "\xff",
		"a year before 1":  time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC),
		"an offset of day": noon.In(time.FixedZone("", 86400)),
	} {
		if got, err := serializer.EncodePickle(v); err == nil {
			t.Errorf("%s is %v", name, got)
		}
	}
}

// TestLongKeys: what one object has as its key in many dicts takes much more room as JSON. It stays readable, and other values
// stay JSON.
func TestLongKeys(t *testing.T) {
	key := strings.Repeat("ключ", 50)
	p := "\x80\x04}(\x8c\x04list](}X" + "\x90\x01\x00\x00" + key + "\x94Ns" + strings.Repeat("}h\x00Ns", 5000) + "e\x8c\x04timeC\x01x\x8c\x0d_auth_user_id\x8c\x0242u."
	d, err := serializer.Pickle.Loads([]byte(p))
	if err != nil {
		t.Fatal(err)
	}
	if v, _ := d.Get("_auth_user_id"); string(v.Bytes()) != `"42"` || v.Format() != serializer.FormatJSON {
		t.Errorf("the small value is %v in %v", v, v.Format())
	}
	if v, _ := d.Get("list"); v.Format() != serializer.FormatPickle || v.Kind() != serializer.Array {
		t.Errorf("the long value is %v in %v", v, v.Format())
	}
	again, err := serializer.Pickle.Dumps(d)
	if err != nil || len(again) > 2*len(p) {
		t.Errorf("written, it has %d bytes instead of %d, %v", len(again), len(p), err)
	}
}

// TestPicklesOfJSON: what JSON holds is JSON again after it was pickled, NaN and all.
func TestPicklesOfJSON(t *testing.T) {
	const text = `{"z":[NaN,Infinity,-Infinity,-0.0,1e+16,5e-324],"big":-1267650600228229401496703205376,"s":"\ud800 \ud83d\ude00 \u00e9\\","d":{"":{},"a":[]}}`
	d, err := serializer.JSON.Loads([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	p, err := serializer.Pickle.Dumps(d)
	if err != nil {
		t.Fatal(err)
	}
	if d, err = serializer.Pickle.Loads(p); err != nil {
		t.Fatal(err)
	}
	if got, err := serializer.JSON.Dumps(d); err != nil || string(got) != text {
		t.Errorf("got %s, %v", got, err)
	}
}
