package serializer

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

// The three payloads that the whole project is measured on.
var payloads = []struct {
	name string
	text string
}{
	{"login", loginText},
	{"cart20", cartText(20)},
	{"cart2000", cartText(2000)},
}

const loginText = `{"_auth_user_id":"42","_auth_user_backend":"django.contrib.auth.backends.ModelBackend",` +
	`"_auth_user_hash":"b1f65bd7a3c7f4e4a92cb3f5a47c6fd30e1e1fc1c56b3a6a7dbd7ab0c9d8e7f6"}`

func cartText(lines int) string {
	var b strings.Builder
	b.WriteString(strings.TrimSuffix(loginText, "}"))
	b.WriteString(`,"cart":{`)
	for i := range lines {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `"SKU-%05d":{"name":"Caf\u00e9 cup No. %d","quantity":%d,"price":"%d.50","weight":%d.25}`,
			i, i, i%7+1, i%90+10, i%3)
	}
	b.WriteString(`},"_language":"en"}`)
	return b.String()
}

type cartLine struct {
	Name     string  `json:"name"`
	Quantity int     `json:"quantity"`
	Price    string  `json:"price"`
	Weight   float64 `json:"weight"`
}

func BenchmarkLoads(b *testing.B) {
	for _, p := range payloads {
		b.Run(p.name, func(b *testing.B) {
			text := []byte(p.text)
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := JSON.Loads(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkDumps writes a dict in which one key was set.
func BenchmarkDumps(b *testing.B) {
	for _, p := range payloads {
		d := mustLoad(b, p.text)
		d.Set("seen", mustEncode(b, 1))
		b.Run(p.name, func(b *testing.B) {
			b.SetBytes(int64(len(p.text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := JSON.Dumps(d); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkGet reads the user's id, as every request does.
func BenchmarkGet(b *testing.B) {
	for _, p := range payloads {
		d := mustLoad(b, p.text)
		b.Run(p.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				v, _ := d.Get("_auth_user_id")
				var id string
				if err := v.Decode(&id); err != nil || id != "42" {
					b.Fatal(id, err)
				}
			}
		})
	}
}

func BenchmarkDecodeCart(b *testing.B) {
	for _, p := range payloads[1:] {
		v, _ := mustLoad(b, p.text).Get("cart")
		b.Run(p.name, func(b *testing.B) {
			b.SetBytes(int64(len(v.text())))
			b.ReportAllocs()
			for b.Loop() {
				var cart map[string]cartLine
				if err := v.Decode(&cart); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkEncodeCart(b *testing.B) {
	for _, p := range payloads[1:] {
		v, _ := mustLoad(b, p.text).Get("cart")
		var cart map[string]cartLine
		if err := v.Decode(&cart); err != nil {
			b.Fatal(err)
		}
		b.Run(p.name, func(b *testing.B) {
			b.SetBytes(int64(len(v.text())))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Encode(cart); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkDecodeManyFields decodes into a struct whose fields differ from the keys in case.
func BenchmarkDecodeManyFields(b *testing.B) {
	var fields []reflect.StructField
	members := map[string]int{}
	for i := range 200 {
		fields = append(fields, reflect.StructField{Name: fmt.Sprint("F", i), Type: reflect.TypeFor[int]()})
		members[fmt.Sprint("f", i)] = i
	}
	v := mustEncode(b, members)
	into := reflect.New(reflect.StructOf(fields)).Interface()
	b.ReportAllocs()
	for b.Loop() {
		if err := v.Decode(into); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoadManyKeys(b *testing.B) {
	for _, n := range []int{12, 1000, 300_000} {
		d := new(Dict)
		for i := range n {
			d.Set(fmt.Sprint("k", i), mustEncode(b, i))
		}
		text, err := JSON.Dumps(d)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := JSON.Loads(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkValues encodes single values and decodes them again.
func BenchmarkValues(b *testing.B) {
	for _, tt := range []struct {
		name string
		v    any
		into any
	}{
		{"int", 12, new(int)},
		{"string", "hello world", new(string)},
		{"bool", true, new(bool)},
		{"date", precise, new(time.Time)},
		{"map", map[string]any{"a": 1, "b": "x", "c": []any{1, 2.5, "y"}, "d": true}, new(map[string]any)},
	} {
		b.Run("encode/"+tt.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Encode(tt.v)
			}
		})
		v := mustEncode(b, tt.v)
		b.Run("decode/"+tt.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				v.Decode(tt.into)
			}
		})
	}
}

func mustLoad(t testing.TB, text string) *Dict {
	t.Helper()
	d, err := JSON.Loads([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func mustEncode(t testing.TB, v any) Value {
	t.Helper()
	value, err := Encode(v)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// BenchmarkDictKeys sets, sets anew and deletes so many keys; the time for each must
// not depend on how many there are.
func BenchmarkDictKeys(b *testing.B) {
	one, err := Encode(1)
	if err != nil {
		b.Fatal(err)
	}
	two, err := Encode(2)
	if err != nil {
		b.Fatal(err)
	}
	for _, n := range []int{100, 4_000, 40_000} {
		keys := make([]string, n)
		for i := range keys {
			keys[i] = fmt.Sprintf("key %d", i)
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				d := new(Dict)
				for _, key := range keys {
					d.Set(key, one)
				}
				for _, key := range keys {
					d.Set(key, two)
				}
				for i, key := range keys { // from the front, as a queue
					d.Delete(key)
					d.Set(keys[i/2], one)
				}
				for _, key := range keys {
					d.Delete(key)
				}
				if d.Len() != 0 {
					b.Fatal(d.Len())
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n*5), "ns/key")
		})
	}
}
