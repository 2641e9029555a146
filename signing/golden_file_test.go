package signing

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// golden is what testdata/golden.py wrote under one Django.
type golden struct {
	Django, Python  string
	Algorithm       Algorithm
	LegacyAlgorithm Algorithm `json:"legacy_algorithm"`
	Key             goldenKey

	Base62 struct {
		Encode [][2]string
		Decode [][2]*string
	}
	HMACs []struct {
		Algorithm           Algorithm
		Secret              goldenKey
		Salt, Value, Digest string
	}
	Separators [][2]any
	Signed     []struct {
		Class                    string
		Key                      goldenKey
		Salt, Sep                string
		Algorithm                Algorithm
		Now                      float64
		Value, Signature, Signed string
	}
	Dumped []struct {
		Key          goldenKey
		Salt         string
		Compress     bool
		Now          float64
		Data, Signed string
	}
	Objects []struct {
		Key          goldenKey
		Salt         string
		Compress     bool
		Now          float64
		JSON, Signed string
	}
	Unsigned []struct {
		verdict
		Class, Text string
		MaxAge      *float64 `json:"max_age"`
		Now         float64
		Sep         string
		Algorithm   Algorithm
		Fallbacks   []goldenKey
	}
	Payloads []struct {
		verdict
		Text, Signed string
	}
	Cookies struct {
		V2       bool
		Fallback goldenKey
		Key      goldenKey
		Written  []struct {
			Key                            goldenKey
			Name, Salt, Value, Signed, Old string
			Now                            float64
		}
		Read []struct {
			verdict
			Name, Salt, Text string
			MaxAge           *float64 `json:"max_age"`
			Now              float64
			LegacyFallback   bool `json:"legacy_fallback"`
		}
	}
}

// goldenKey is written in hex, since a SECRET_KEY may be bytes.
type goldenKey string

func (k *goldenKey) UnmarshalText(text []byte) error {
	key, err := hex.DecodeString(string(text))
	*k = goldenKey(key)
	return err
}

// verdict is a value, or the kind of exception that Django raised.
type verdict struct {
	Value *string
	Error string
}

var verdictErrors = map[string]error{
	"separator": ErrNoSeparator,
	"mismatch":  ErrSignatureMismatch,
	"expired":   ErrSignatureExpired,
	"timestamp": ErrTimestamp,
	"base64":    ErrBase64,
	"zlib":      ErrZlib,
}

func (v verdict) check(t *testing.T, got string, err error, context any) {
	t.Helper()
	if v.Value == nil {
		want, known := verdictErrors[v.Error]
		if !known {
			t.Fatalf("the golden file has an unknown error %q", v.Error)
		}
		if !errors.Is(err, want) || got != "" {
			t.Errorf("%+v: got %q, %v; Django: %s", context, got, err, v.Error)
		}
		return
	}
	if err != nil || got != *v.Value {
		t.Errorf("%+v: got %q, %v; Django: %q", context, got, err, *v.Value)
	}
}

func eachGolden(t *testing.T, run func(t *testing.T, g *golden)) {
	files, err := filepath.Glob("testdata/golden-*.json")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d golden files, %v; want one for each of five Djangos", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		g := new(golden)
		if err := json.Unmarshal(text, g); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if file != "testdata/golden-"+g.Django+".json" {
			t.Fatalf("%s holds the vectors of Django %s", file, g.Django)
		}
		t.Run("Django"+g.Django, func(t *testing.T) { run(t, g) })
	}
}
