package serializer

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
)

func TestUnchangedTextComesBack(t *testing.T) {
	for _, text := range []string{
		`{}`, ` { } `, "{\n \"a\" : 1.50 ,\t\"\\u0061\" : [ 1 , 2 ] }\r\n", `{"a":1,"b":2,"a":3}`,
		"{\"caf\xc3\xa9\":\"\xff\x7f\"}", `{"n":NaN,"i":-Infinity,"z":-0,"e":1E5,"s":"\ud800\/"}`,
		`{"deep":` + strings.Repeat("[", 2000) + strings.Repeat("]", 2000) + `}`,
		`{"long":` + strings.Repeat("9", 5000) + `}`,
	} {
		d := mustLoad(t, text)
		check := func(what string, d *Dict) {
			t.Helper()
			if got, err := JSON.Dumps(d); err != nil || string(got) != text {
				t.Errorf("%s: got %q, %v; want %q", what, got, err, text)
			}
		}
		check("loaded", d)
		check("cloned", d.Clone())
		for key, value := range d.All() { // to what it is already
			d.Set(key, value)
		}
		d.Delete("not there")
		check("set to the same", d)
	}
}

func TestOthersStayByteForByte(t *testing.T) {
	d := mustLoad(t, "{ \"a\" : 1.50 , \"b\\u002f\" :[ 1 ,\n2 ], \"caf\xc3\xa9\":\"\xff\", \"b/\" : -0 , \"c\" : NaN }")
	d.Set("a", mustEncode(t, "new"))
	d.Set("added", mustEncode(t, 1.0))
	d.Set("d'é\"", Value{})
	d.Delete("c")
	got, err := JSON.Dumps(d)
	want := "{\"a\":\"new\",\"b\\u002f\":-0,\"caf\xc3\xa9\":\"\xff\",\"added\":1.0,\"d'\\u00e9\\\"\":null}"
	if err != nil || string(got) != want {
		t.Errorf("got  %q, %v\nwant %q", got, err, want)
	}
	if v, ok := d.Get("cafÃ©"); !ok || len(v.text()) != 3 {
		t.Error("a key in raw bytes is not what Django takes it for")
	}
}

func TestLoadsRefuses(t *testing.T) {
	for text, want := range map[string]error{
		`[]`: ErrNotObject, `1`: ErrNotObject, `null`: ErrNotObject, ` "{}" `: ErrNotObject, `NaN`: ErrNotObject,
		`{"a":` + strings.Repeat("[", 200_000): ErrNesting,
	} {
		if d, err := JSON.Loads([]byte(text)); !errors.Is(err, want) || d != nil {
			t.Errorf("%.20q: got %v, want %v", text, err, want)
		}
	}
	for text, offset := range map[string]int{
		``: 0, `{`: 1, `{"a":1`: 6, `{"a":1,}`: 7, `{"a":1}x`: 7, `{"a":tru}`: 5, `[1`: 2, "{\"a\":\"\n\"}": 6,
	} {
		_, err := JSON.Loads([]byte(text))
		if syntax := new(SyntaxError); !errors.As(err, &syntax) || syntax.Offset != offset {
			t.Errorf("%q: got %v, want offset %d", text, err, offset)
		}
	}
}

func TestLoadsDoesNotKeepData(t *testing.T) {
	data := []byte(`{"a":"before"}`)
	d, err := JSON.Loads(data)
	if err != nil {
		t.Fatal(err)
	}
	copy(data, bytes.Repeat([]byte("x"), len(data)))
	if text, _ := JSON.Dumps(d); string(text) != `{"a":"before"}` {
		t.Errorf("got %s", text)
	}
}

func TestDumpsRefusesKeys(t *testing.T) {
	d := &Dict{}
	d.Set("s3cr3t\xff", Value{})
	got, err := JSON.Dumps(d)
	if err == nil || got != nil || strings.Contains(err.Error(), "s3cr3t") {
		t.Errorf("got %s, %v", got, err)
	}
	if _, err := d.MarshalJSON(); err == nil {
		t.Error("MarshalJSON took it")
	}
	half := mustLoad(t, `{"\ud800":1}`)
	for key := range half.Keys() {
		d = &Dict{}
		d.Set(key, Value{})
	}
	if got, err := JSON.Dumps(d); err != nil || string(got) != `{"\ud800":null}` {
		t.Errorf("a key that came from a session: got %s, %v", got, err)
	}
}

// TestDictsLikePython follows Python dicts through loads, changes and dumps.
func TestDictsLikePython(t *testing.T) {
	file, err := os.Open("testdata/dicts.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := 0
	for scanner := bufio.NewScanner(file); scanner.Scan(); {
		if strings.HasPrefix(scanner.Text(), "#") {
			continue
		}
		lines++
		column := strings.Split(scanner.Text(), "\t")
		var characters string // the file is ASCII, so encoding/json reads it
		if err := json.Unmarshal([]byte(column[0]), &characters); err != nil {
			t.Fatal(err)
		}
		var text []byte
		for _, r := range characters {
			text = append(text, byte(r))
		}

		d, err := JSON.Loads(text)
		switch column[2] {
		case "refused":
			if err == nil || errors.Is(err, ErrNotObject) {
				t.Errorf("%q: got %v; Python refuses it", text, err)
			}
			continue
		case "not a dict":
			if !errors.Is(err, ErrNotObject) {
				t.Errorf("%q: got %v", text, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		apply(t, d, column[1])
		if got := pythonItems(t, d); got != column[2] {
			t.Errorf("%q after %s:\n got %s\nwant %s", text, column[1], got, column[2])
		}
		dumped, err := JSON.Dumps(d)
		if err != nil {
			t.Fatal(err)
		}
		if got := pythonItems(t, mustLoad(t, string(dumped))); got != column[2] {
			t.Errorf("%q after %s, written as %q:\n got %s\nwant %s", text, column[1], dumped, got, column[2])
		}
	}
	if lines < 500 {
		t.Errorf("only %d lines", lines)
	}
}

// apply does the operations of a line of dicts.txt.
func apply(t *testing.T, d *Dict, operations string) {
	t.Helper()
	var list [][]any
	if err := unmarshal([]byte(operations), &list); err != nil {
		t.Fatal(err)
	}
	for _, operation := range list {
		switch key := operation[1].(string); operation[0] {
		case "set":
			d.Set(key, mustEncode(t, operation[2]))
		case "del":
			d.Delete(key)
		}
	}
}

// pythonItems writes a Dict as generate.py does: each value read and written anew.
func pythonItems(t *testing.T, d *Dict) string {
	t.Helper()
	list := [][]any{}
	for key, value := range d.All() {
		var decoded any
		if err := value.Decode(&decoded); err != nil {
			t.Fatal(err)
		}
		list = append(list, []any{key, decoded})
	}
	text, err := marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
