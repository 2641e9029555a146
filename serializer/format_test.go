package serializer

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// boxFormat is a second format: an object's keys and values in brackets.
type boxFormat struct{}

func (boxFormat) name() string { return "box" }

func (boxFormat) kind(text string) Kind {
	if text == "<>" {
		return Null
	}
	return String
}

func (boxFormat) decode(text string, into any, _ *time.Location) error {
	s, ok := into.(*string)
	if !ok {
		return errors.New("only strings")
	}
	*s = strings.Trim(text, "<>")
	return nil
}

func addBoxFormat(t *testing.T) Format {
	t.Helper()
	formats = append(formats, boxFormat{})
	t.Cleanup(func() { formats = formats[:FormatPickle+1] })
	return Format(len(formats) - 1)
}

func TestValueOfAnotherFormat(t *testing.T) {
	box := addBoxFormat(t)
	v := newValue("<s3cr3t>", box)
	if v.Kind() != String || v.IsNull() || !newValue("<>", box).IsNull() {
		t.Errorf("Kind is %v, IsNull %t", v.Kind(), v.IsNull())
	}
	if v.Format() != box || v.Format().String() != "box" || (Value{}).Format().String() != "json" {
		t.Errorf("Format is %v", v.Format())
	}
	var s string
	if err := v.Decode(&s); err != nil || s != "s3cr3t" {
		t.Errorf("Decode: %q, %v", s, err)
	}
	if got := string(v.Bytes()); got != "<s3cr3t>" {
		t.Errorf("Bytes: %s", got)
	}
	if got := v.String(); got != "string of 8 bytes" {
		t.Errorf("String: %s", got)
	}
	if !v.Equal(newValue("<s3cr3t>", box)) || v.Equal(newValue("<s3cr3t>", FormatJSON)) || v.Equal(newValue("<>", box)) {
		t.Error("Equal does not compare format and bytes")
	}
}

// What is written is JSON only.
func TestAnotherFormatIsNotWritten(t *testing.T) {
	v := newValue("<s3cr3t>", addBoxFormat(t))
	encoded, err := Encode(v)
	if err != nil || !encoded.Equal(v) {
		t.Fatalf("Encode: %v, %v", encoded, err)
	}
	d := mustLoad(t, `{"a":1}`)
	d.Set("a", encoded)
	if got, ok := d.Get("a"); !ok || !got.Equal(v) {
		t.Errorf("Get: %v", got)
	}
	_, dumps := JSON.Dumps(d)
	_, nested := Encode([]Value{v})
	_, direct := v.MarshalJSON()
	for _, err := range []error{dumps, nested, direct} {
		if !errors.Is(err, ErrFormat) || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("got %v, want ErrFormat", err)
		}
	}
}
