package serializer

import (
	"encoding/json"
	"errors"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzUnmarshal checks what is read against encoding/json, whose grammar is the
// same but for Python's three names, and against what is written of it.
func FuzzUnmarshal(f *testing.F) {
	f.Fuzz(func(t *testing.T, text []byte) {
		valid := valid(string(text)) == nil
		if json.Valid(text) && !valid {
			t.Fatal("encoding/json reads this")
		}
		if valid && !json.Valid(text) && !hasPythonName(string(text)) && len(text) < maxDecodeNesting {
			t.Fatal("encoding/json does not read this")
		}

		var value any
		err := unmarshal(text, &value)
		if (err == nil) != valid && !errors.Is(err, ErrNesting) && !errors.Is(err, ErrDigits) {
			t.Fatalf("valid is %t, but Unmarshal says %v", valid, err)
		}
		if err != nil {
			return
		}
		written, err := marshal(value)
		if errors.Is(err, ErrNesting) || errors.Is(err, ErrDigits) {
			return // Python would not read it back
		}
		if err != nil {
			t.Fatal(err)
		}
		if !isASCII(written) {
			t.Fatalf("wrote %q", written)
		}
		var again any
		if err := unmarshal(written, &again); err != nil {
			t.Fatalf("wrote %s: %v", written, err)
		}
		if rewritten, err := marshal(again); err != nil || string(rewritten) != string(written) {
			t.Fatalf("wrote %s, then %s, %v", written, rewritten, err)
		}

		var raw json.RawMessage
		if err := unmarshal(text, &raw); err != nil {
			t.Fatal(err)
		}
		compact, err := marshal(raw)
		if err != nil {
			t.Fatal(err)
		}
		var third any
		if err := unmarshal(compact, &third); err != nil {
			t.Fatal(err)
		}
		if rewritten, err := marshal(third); err != nil || string(rewritten) != string(written) {
			t.Fatalf("by way of a RawMessage %s, %v; not %s", rewritten, err, written)
		}

		var typed plain // only that it does not panic
		_ = unmarshal(text, &typed)
	})
}

// hugeNumber finds the spellings of numbers that may be too large for a float.
var hugeNumber = regexp.MustCompile(`[eE]\+?[0-9]{2}|[0-9]{38}`)

func hasPythonName(text string) bool {
	return strings.Contains(text, "NaN") || strings.Contains(text, "Infinity")
}

// FuzzMarshalString checks that a string is either refused or comes back.
func FuzzMarshalString(f *testing.F) {
	f.Fuzz(func(t *testing.T, s string) {
		quoted, err := marshal(s)
		if err != nil {
			if utf8.ValidString(s) {
				t.Fatalf("refused valid UTF-8: %v", err)
			}
			return
		}
		for _, c := range quoted {
			if c < ' ' || c > '~' {
				t.Fatalf("wrote %q", quoted)
			}
		}
		var back string
		if err := unmarshal(quoted, &back); err != nil {
			t.Fatal(err)
		}
		if again, err := marshal(back); err != nil || string(again) != string(quoted) {
			t.Fatalf("wrote %s, then %s, %v", quoted, again, err)
		}
		if !utf8.ValidString(s) {
			// Two halves in a row are one character when they are read.
			return
		}
		if back != s {
			t.Fatalf("read %q", back)
		}
		var std string
		if err := json.Unmarshal(quoted, &std); err != nil || std != s {
			t.Fatalf("encoding/json reads %q, %v", std, err)
		}
	})
}

// FuzzTyped reads a text into Go's types as encoding/json does, where the text is
// one that both take in the same way.
func FuzzTyped(f *testing.F) {
	for i := range stdlibTypes {
		for _, text := range pieces {
			f.Add([]byte(text), uint8(i))
		}
		f.Add([]byte(`{"A":1,"b":"x","d":[1],"e":{"A":2},"F":{"a":1},"G":1.5,"h":[1.0,"y"],"j j":"QQ==","ID":4,"colour":"c"}`), uint8(i))
		f.Add([]byte(`{"I8":1,"U64":2,"F32":1.5,"N":3,"P":4,"An":5,"Time":"2026-03-01T12:00:00Z","Addr":"127.0.0.1","Raw":[1],"Iface":null}`), uint8(i))
	}
	f.Fuzz(func(t *testing.T, text []byte, which uint8) {
		typ := stdlibTypes[int(which)%len(stdlibTypes)]
		if !isASCII(text) || len(text) > 1000 || hasPythonName(string(text)) || hasNumberInQuotes(typ, text) || hasNullKey(typ, text) {
			return
		}
		if hugeNumber.Match(text) {
			return // infinite here and in Python, an error there
		}
		got, want := reflect.New(typ), reflect.New(typ)
		wantErr := json.Unmarshal(text, want.Interface())
		err := unmarshal(text, got.Interface())
		if err == nil && wantErr != nil && strings.Contains(wantErr.Error(), "parsing time") {
			return // a date of Python's
		}
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%v from %s:\nencoding/json says %v\nUnmarshal says %v", typ, text, wantErr, err)
		}
		if err == nil && !reflect.DeepEqual(floats(got), floats(want)) {
			t.Fatalf("%v from %s:\n got %+v\nwant %+v", typ, text, got.Elem(), want.Elem())
		}
	})
}
