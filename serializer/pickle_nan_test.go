package serializer_test

import (
	"testing"

	"github.com/djsession/djsession/serializer"
)

// A NaN of a JSON session is Python's float("nan") in a pickle, and so JSON again when it is read:
// Go's own NaN has other bits.
func TestPickledNaNIsPythons(t *testing.T) {
	const text = `{"m":[NaN,-Infinity],"n":NaN}`
	d, err := serializer.JSON.Loads([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	data, err := serializer.Pickle.Dumps(d)
	if err != nil {
		t.Fatal(err)
	}
	if d, err = serializer.Pickle.Loads(data); err != nil {
		t.Fatal(err)
	}
	if got, err := serializer.JSON.Dumps(d); err != nil || string(got) != text {
		t.Errorf("%s, %v, want %s", got, err, text)
	}
}
