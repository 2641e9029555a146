package serializer

import (
	"encoding/json"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"strings"
	"time"
)

// fill sets v to something random.
func fill(r *rand.Rand, v reflect.Value, depth int) {
	switch x := v.Addr().Interface().(type) {
	case *time.Time:
		if r.IntN(2) == 0 {
			*x = time.Unix(r.Int64N(1<<32), r.Int64N(1e9)).UTC()
		}
		return
	case *netip.Addr:
		*x = netip.AddrFrom4([4]byte{127, 0, 0, byte(r.IntN(4))})
		return
	case *json.Number:
		*x = json.Number([]string{"", "1", "-0", "1.50", "1e5", "123456789012345678901"}[r.IntN(6)])
		return
	case *json.RawMessage:
		*x = json.RawMessage([]string{`1`, ` [ 1.50 , "\u00e9 x" ]`, `null`, `{"a":{}}`}[r.IntN(4)])
		return
	case *any:
		*x = []any{nil, true, "text", 1.5, []any{1.0, "é"}, map[string]any{"z": nil, "a": "\x7f"}}[r.IntN(6)]
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.String:
		v.SetString([]string{"", "x", "<a href=\"/\">", "naïve 😀", "\x00\x1f\u2028", "12"}[r.IntN(6)])
	case reflect.Float32, reflect.Float64:
		v.SetFloat([]float64{0, 1, -2.5, 1e20, 1e-7, 0.1, 123456789}[r.IntN(7)])
	case reflect.Pointer:
		if depth > 0 && r.IntN(3) > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(r, v.Elem(), depth-1)
		}
	case reflect.Slice:
		if n := r.IntN(4); depth > 0 && n > 0 {
			v.Set(reflect.MakeSlice(v.Type(), n-1, n-1))
		}
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			fill(r, v.Index(i), depth-1)
		}
	case reflect.Map:
		if n := r.IntN(4); depth > 0 && n > 0 {
			v.Set(reflect.MakeMap(v.Type()))
			for range n - 1 {
				key, elem := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
				fill(r, key, depth-1)
				fill(r, elem, depth-1)
				v.SetMapIndex(key, elem)
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() || v.Type().Field(i).Anonymous && v.Field(i).Kind() == reflect.Struct {
				if v.Field(i).CanSet() {
					fill(r, v.Field(i), depth-1)
				} else {
					for j := range v.Field(i).NumField() {
						fill(r, v.Field(i).Field(j), depth-1)
					}
				}
			}
		}
	default:
		switch {
		case v.CanInt():
			v.SetInt([]int64{0, 1, -1, 127, 100}[r.IntN(5)])
		case v.CanUint():
			v.SetUint([]uint64{0, 1, 255, 100}[r.IntN(4)])
		}
	}
}

// pieces are put into texts in place of others.
var pieces = []string{
	"null", "true", "0", "-1", "300", "70000", "1.0", "1e2", "99999999999999999999", "0.1", `""`, `"x"`,
	`"1"`, `"true"`, `"null"`, `"\"q\""`, `"1.5"`, `" 1"`, `"QUJD"`, `"QU\nJD"`, "[]", "{}", "[1]", `[null,"a"]`,
	`{"a":1}`, `{"X":1,"x":2}`, `{"1":"a"}`, `{"-1":"a"}`, `{"127.0.0.1":3}`, `{"c":1.5}`, "[1,2,3,4,5]",
	`{"ID":4,"Name":"n","colour":"c","Depth":3,"S":1}`, `{"KEY":1}`, `{"kEY":1}`, `{"k":5,"\u212a":6,"\u017f":7}`,
}

// disturb changes a JSON text in one or two places, mostly so that it stays
// JSON.
func disturb(r *rand.Rand, text []byte) []byte {
	for range r.IntN(3) {
		values := valueSpans(string(text))
		if len(values) == 0 {
			return text
		}
		span := values[r.IntN(len(values))]
		piece := pieces[r.IntN(len(pieces))]
		switch r.IntN(8) {
		case 0: // another case in what may be a key
			piece = strings.ToUpper(string(text[span[0]:span[1]]))
			if strings.ContainsRune(piece, '\\') || !strings.HasPrefix(piece, `"`) {
				continue
			}
		case 1: // broken
			piece = piece[:len(piece)/2]
		}
		text = slicesReplace(text, span[0], span[1], piece)
	}
	return text
}

func slicesReplace(text []byte, from, to int, piece string) []byte {
	return append(append(append([]byte{}, text[:from]...), piece...), text[to:]...)
}

// valueSpans finds the values in a text, at all levels, and its keys.
func valueSpans(text string) (spans [][2]int) {
	for i := 0; i < len(text); i++ {
		if strings.IndexByte("{}[],: \n\t\r", text[i]) >= 0 && text[i] != '{' && text[i] != '[' {
			continue
		}
		end, err := readLimits.scan(text, i)
		if err != nil {
			continue
		}
		spans = append(spans, [2]int{i, end})
		if text[i] != '{' && text[i] != '[' {
			i = end - 1
		}
	}
	return spans
}
