package signing

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/djsession/djsession/internal/base62"
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

func TestGoldenBase62(t *testing.T) {
	eachGolden(t, func(t *testing.T, g *golden) {
		for _, pair := range g.Base62.Encode {
			n, err := strconv.ParseInt(pair[0], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			if got := base62.Encode(n); got != pair[1] {
				t.Errorf("Encode(%d) = %q, Django: %q", n, got, pair[1])
			}
		}
		for _, pair := range g.Base62.Decode {
			got, err := base62.Decode(*pair[0])
			want, tooLarge := int64(0), error(nil)
			if pair[1] != nil {
				want, tooLarge = strconv.ParseInt(*pair[1], 10, 64)
			}
			switch {
			case pair[1] == nil || tooLarge != nil:
				if err != base62.Err || got != 0 {
					t.Errorf("Decode(%q) = %d, %v; want Err", *pair[0], got, err)
				}
			case err != nil || got != want:
				t.Errorf("Decode(%q) = %d, %v; Django: %d", *pair[0], got, err, want)
			}
		}
	})
}

func TestGoldenSaltedHMAC(t *testing.T) {
	eachGolden(t, func(t *testing.T, g *golden) {
		for _, v := range g.HMACs {
			got, err := SaltedHMAC(v.Salt, v.Value, string(v.Secret), v.Algorithm)
			if err != nil || hex.EncodeToString(got) != v.Digest {
				t.Errorf("%s of %d bytes with salt %.10q: %x, %v; Django: %s", v.Algorithm, len(v.Value), v.Salt, got, err, v.Digest)
			}
		}
	})
}

func TestGoldenSeparators(t *testing.T) {
	eachGolden(t, func(t *testing.T, g *golden) {
		for _, pair := range g.Separators {
			separator, refused := pair[0].(string), pair[1].(bool)
			if separator == "" {
				continue // the default here
			}
			if _, err := NewSigner("key", Options{Separator: separator}); (err != nil) != refused {
				t.Errorf("separator %q: %v; Django refuses it: %v", separator, err, refused)
			}
		}
	})
}

func TestGoldenSign(t *testing.T) {
	eachGolden(t, func(t *testing.T, g *golden) {
		for _, v := range g.Signed {
			s := newSigner(t, v.Class, string(v.Key), Options{Salt: v.Salt, Separator: v.Sep, Algorithm: v.Algorithm, Now: at(v.Now)})
			if got := s.Signature(v.Value); got != v.Signature {
				t.Errorf("%+v: signature %q", v, got)
			}
			if got := s.Sign(v.Value); got != v.Signed {
				t.Errorf("%+v: signed %q", v, got)
			}
			if got, err := s.Unsign(v.Signed); err != nil || got != v.Value {
				t.Errorf("%+v: unsigned %q, %v", v, got, err)
			}
		}
	})
}

func TestGoldenDumps(t *testing.T) {
	eachGolden(t, func(t *testing.T, g *golden) {
		for _, v := range g.Dumped {
			s := newSigner(t, "TimestampSigner", string(v.Key), Options{Salt: v.Salt, Algorithm: g.Algorithm, Now: at(v.Now)})
			want, err := hex.DecodeString(v.Data)
			if err != nil {
				t.Fatal(err)
			}
			got, err := s.Payload(v.Signed)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%+v: payload %x, %v", v, got, err)
			}
			ours := string(s.AppendPayload(nil, want, v.Compress))
			if !v.Compress && ours != v.Signed {
				t.Errorf("%+v: we write %q", v, ours)
			}
			if got, err := s.Payload(ours); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%+v: our own text gives %x, %v", v, got, err)
			}
		}
	})
}

func TestGoldenObjects(t *testing.T) {
	eachGolden(t, func(t *testing.T, g *golden) {
		for _, v := range g.Objects {
			o := Options{Algorithm: g.Algorithm, Now: at(v.Now)}
			var object json.RawMessage
			if err := Loads(v.Signed, &object, string(v.Key), NoMaxAge, o); err != nil || string(object) != v.JSON {
				t.Errorf("%+v: %s, %v", v, object, err)
			}
			ours, err := Dumps(json.RawMessage(v.JSON), string(v.Key), v.Compress, o)
			if err != nil || !v.Compress && ours != v.Signed {
				t.Errorf("%+v: we write %q, %v", v, ours, err)
			}
			object = nil
			if err := Loads(ours, &object, string(v.Key), time.Second, o); err != nil || string(object) != v.JSON {
				t.Errorf("%+v: our own text gives %s, %v", v, object, err)
			}
		}
	})
}

func TestGoldenUnsign(t *testing.T) {
	eachGolden(t, func(t *testing.T, g *golden) {
		for _, v := range g.Unsigned {
			o := Options{Salt: "salt", Separator: v.Sep, Algorithm: v.Algorithm, LegacyAlgorithm: g.LegacyAlgorithm, Now: at(v.Now)}
			for _, k := range v.Fallbacks {
				o.FallbackKeys = append(o.FallbackKeys, string(k))
			}
			s := newSigner(t, v.Class, string(g.Key), o)
			got, err := s.Unsign(v.Text)
			if s, ok := s.(stamped); ok {
				got, err = s.TimestampSigner.Unsign(v.Text, maxAge(v.MaxAge))
			}
			v.check(t, got, err, v)
		}
	})
}

func TestGoldenPayloads(t *testing.T) {
	eachGolden(t, func(t *testing.T, g *golden) {
		s := newSigner(t, "TimestampSigner", string(g.Key), Options{Salt: dumpsSalt, Algorithm: g.Algorithm})
		for _, v := range g.Payloads {
			got, err := s.Payload(v.Signed)
			v.check(t, hex.EncodeToString(got), err, v)
		}
	})
}

func TestGoldenCookies(t *testing.T) {
	eachGolden(t, func(t *testing.T, g *golden) {
		o := CookieOptions{Algorithm: g.Algorithm, LegacyAlgorithm: g.LegacyAlgorithm}
		for _, v := range g.Cookies.Written {
			o := o
			o.Now = at(v.Now)
			o.WriteLegacySalt = !g.Cookies.V2
			if got := cookieSigner(t, string(v.Key), o).Sign(v.Name, v.Salt, v.Value); got != v.Signed {
				t.Errorf("%+v: we write %q", v, got)
			}
			o.WriteLegacySalt = true
			if got := cookieSigner(t, string(v.Key), o).Sign(v.Name, v.Salt, v.Value); got != v.Old {
				t.Errorf("%+v: with the older salt we write %q", v, got)
			}
		}
		for _, v := range g.Cookies.Read {
			o := o
			o.Now = at(v.Now)
			o.WriteLegacySalt = !g.Cookies.V2
			o.LegacySaltFallback = v.LegacyFallback
			if g.Cookies.Fallback != "" {
				o.FallbackKeys = []string{string(g.Cookies.Fallback)}
			}
			c := cookieSigner(t, string(g.Cookies.Key), o)
			got, err := c.Unsign(v.Name, v.Salt, v.Text, maxAge(v.MaxAge))
			v.check(t, got, err, v)
		}
	})
}
