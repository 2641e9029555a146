package serializer

import (
	"errors"
	"testing"
)

func TestAppendForGo(t *testing.T) {
	got := appendForGo([]byte("x"), "[\"a\xc3\xa9\\u00E9\",NaN, 1.50]")
	if want := `x["a\u00c3\u00a9\u00E9",NaN, 1.50]`; string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestCompact(t *testing.T) {
	got, err := appendRaw(nil, " [ 1 , \"a b\" , {\n} ] ", readLimits)
	if want := `[1,"a b",{}]`; err != nil || string(got) != want {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
	if _, err := appendRaw(nil, nestedText(maxWriteNesting+1), readLimits); err != nil {
		t.Errorf("what is nested deeply can still be read: %v", err)
	}
	if _, err := appendRaw(nil, "[1", readLimits); !errors.As(err, new(*SyntaxError)) {
		t.Errorf("got %v", err)
	}
	if _, err := appendRaw(nil, "\"\xff\"", readLimits); !errors.Is(err, errUTF8) {
		t.Errorf("got %v", err)
	}
}
