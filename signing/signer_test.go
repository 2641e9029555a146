package signing

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestConstructorsRefuse(t *testing.T) {
	tests := []struct {
		name, key string
		o         Options
		says      string
		is        error
	}{
		{name: "empty key", says: "SECRET_KEY", is: ErrEmptyKey},
		{name: "empty fallback key", key: testKey, o: Options{FallbackKeys: []string{"old", ""}}, says: "fallback key 2", is: ErrEmptyKey},
		{name: "unsafe separator", key: testKey, o: Options{Separator: "="}, says: "separator", is: ErrSeparator},
		{name: "separator that is not UTF-8", key: testKey, o: Options{Separator: ":\x80"}, says: "separator", is: ErrSeparator},
		{name: "unknown algorithm", key: testKey, o: Options{Algorithm: "md5"}, says: `"md5"`, is: ErrAlgorithm},
		{name: "unknown legacy algorithm", key: testKey, o: Options{LegacyAlgorithm: "SHA1"}, says: `"SHA1"`, is: ErrAlgorithm},
		{name: "negative bound", key: testKey, o: Options{MaxInflated: -1}, says: "MaxInflated"},
	}
	for _, tt := range tests {
		signer, err := NewSigner(tt.key, tt.o)
		if err == nil || signer != nil || !strings.Contains(err.Error(), tt.says) || tt.is != nil && !errors.Is(err, tt.is) {
			t.Errorf("%s: NewSigner: %v, %v; want an error about %s", tt.name, signer, err, tt.says)
		}
		stamped, err := NewTimestampSigner(tt.key, tt.o)
		if err == nil || stamped != nil || !strings.Contains(err.Error(), tt.says) || tt.is != nil && !errors.Is(err, tt.is) {
			t.Errorf("%s: NewTimestampSigner: %v, %v; want an error about %s", tt.name, stamped, err, tt.says)
		}
		if _, err := Dumps(1, tt.key, false, tt.o); err == nil {
			t.Errorf("%s: Dumps: no error", tt.name)
		}
		if err := Loads("", nil, tt.key, NoMaxAge, tt.o); err == nil || errors.Is(err, ErrBadSignature) {
			t.Errorf("%s: Loads: %v", tt.name, err)
		}
	}
	for _, algorithm := range []Algorithm{"", "md5", "SHA256"} {
		if sum, err := SaltedHMAC("salt", "value", "secret", algorithm); !errors.Is(err, ErrAlgorithm) || sum != nil {
			t.Errorf("SaltedHMAC with algorithm %q: %x, %v", algorithm, sum, err)
		}
	}
}

func TestErrorFamily(t *testing.T) {
	for _, err := range []error{ErrNoSeparator, ErrSignatureMismatch, ErrSignatureExpired} {
		if !errors.Is(err, ErrBadSignature) {
			t.Errorf("%v is no bad signature", err)
		}
	}
	for _, err := range []error{ErrTimestamp, ErrBase64, ErrZlib, ErrTooLarge, ErrEmptyKey, ErrSeparator, ErrAlgorithm} {
		if errors.Is(err, ErrBadSignature) {
			t.Errorf("%v is a bad signature", err)
		}
	}
	if errors.Is(ErrSignatureMismatch, ErrSignatureExpired) || errors.Is(ErrSignatureExpired, ErrSignatureMismatch) {
		t.Error("the kinds of bad signature are not told apart")
	}
}

// failing is a serializer that fails with what it was given, as careless ones do.
type failing struct{}

func (failing) Dumps(any) ([]byte, error) { return nil, errFailing }
func (failing) Loads([]byte, any) error   { return errFailing }

var errFailing = errors.New("the serializer has failed")

func TestSerializerErrorsAreKept(t *testing.T) {
	for _, class := range []string{"Signer", "TimestampSigner"} {
		s := newSigner(t, class, testKey, Options{Serializer: failing{}})
		if signed, err := s.SignObject(1, true); !errors.Is(err, errFailing) || signed != "" {
			t.Errorf("%s: %q, %v", class, signed, err)
		}
		if err := s.UnsignObject(string(s.AppendPayload(nil, []byte("1"), false)), nil); !errors.Is(err, errFailing) {
			t.Errorf("%s: %v", class, err)
		}
		if signed, err := newSigner(t, class, testKey, Options{}).SignObject(func() {}, true); err == nil || signed != "" {
			t.Errorf("%s: a func was signed as %q", class, signed)
		}
		var text string
		good, err := newSigner(t, class, testKey, Options{}).SignObject(1, false)
		if err != nil {
			t.Fatal(err)
		}
		if err := newSigner(t, class, testKey, Options{}).UnsignObject(good, &text); err == nil || errors.Is(err, ErrBadSignature) {
			t.Errorf("%s: a number went into a string: %v", class, err)
		}
	}
}

func TestErrorsKeepSecrets(t *testing.T) {
	const value = "precious-value"
	clock := at(1700000000)
	s := timestampSigner(t, Options{Now: clock})
	plain := newSigner(t, "Signer", testKey, Options{Salt: "django.core.signing.TimestampSigner"})
	signed := s.Sign(value)
	signature := signed[strings.LastIndex(signed, ":")+1:]
	c := cookieSigner(t, testKey, CookieOptions{LegacySaltFallback: true})
	texts := []string{value, signed, signed + "x", plain.Sign(value), plain.Sign(value + ":" + value), s.Sign("a" + value), s.Sign("." + value),
		string(s.AppendPayload(nil, []byte(`{"`+value), true)), "." + value}
	for _, text := range texts {
		var into int
		_, err1 := s.Unsign(text)
		_, err2 := s.TimestampSigner.Unsign(text, -time.Hour)
		_, err3 := s.Payload(text)
		err4 := s.UnsignObject(text, &into)
		_, err5 := c.Unsign("name", "salt", text, NoMaxAge)
		_, err6 := s.SignedAt(text)
		for _, err := range []error{err1, err2, err3, err4, err5, err6} {
			if err == nil {
				continue
			}
			for _, secret := range []string{value, signature, testKey} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error %q for the text %q shows what nobody shall see", err, text)
				}
			}
		}
	}
}

// A signature is compared as text: spare bits and line breaks, which base64 forgives, are not forgiven.
func TestSignatureIsComparedAsText(t *testing.T) {
	for _, algorithm := range []Algorithm{SHA1, SHA256, SHA384, SHA512} {
		s := newSigner(t, "Signer", testKey, Options{Algorithm: algorithm})
		signed := s.Sign("value")
		digest, err := base64.RawURLEncoding.DecodeString(s.Signature("value"))
		if err != nil {
			t.Fatal(err)
		}
		same := 0
		for c := range byte(128) {
			other := signed[:len(signed)-1] + string(rune(c))
			decoded, err := base64.RawURLEncoding.DecodeString(other[strings.LastIndex(other, ":")+1:])
			if err == nil && bytes.Equal(decoded, digest) {
				same++
			}
			if _, err := s.Unsign(other); (err == nil) != (other == signed) {
				t.Errorf("%s: last character %q: %v", algorithm, c, err)
			}
		}
		if algorithm != SHA384 && same < 4 {
			t.Errorf("%s: only %d texts decode to the digest; the test has lost its point", algorithm, same)
		}
		for _, other := range []string{signed + "\n", signed + "=", signed[:10] + "\r\n" + signed[10:], signed + "\x00"} {
			if _, err := s.Unsign(other); !errors.Is(err, ErrSignatureMismatch) {
				t.Errorf("%s: %q: %v", algorithm, other, err)
			}
		}
	}
}

func TestSaltsAndKeysSeparate(t *testing.T) {
	one := timestampSigner(t, Options{Salt: "one"})
	for name, other := range map[string]anySigner{
		"another salt":      timestampSigner(t, Options{Salt: "two"}),
		"the default salt":  timestampSigner(t, Options{}),
		"another key":       newSigner(t, "TimestampSigner", "another", Options{Salt: "one"}),
		"another algorithm": timestampSigner(t, Options{Salt: "one", Algorithm: SHA1}),
	} {
		if _, err := other.Unsign(one.Sign("value")); err != ErrSignatureMismatch {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := newSigner(t, "Signer", testKey, Options{}).Unsign(timestampSigner(t, Options{}).Sign("value")); err != ErrSignatureMismatch {
		t.Errorf("the default salts of Signer and TimestampSigner are alike: %v", err)
	}
}

func TestFallbackKeysAndLegacyAlgorithm(t *testing.T) {
	s := timestampSigner(t, Options{FallbackKeys: []string{"older", "oldest"}, LegacyAlgorithm: SHA1})
	for _, key := range []string{testKey, "older", "oldest"} {
		for algorithm, want := range map[Algorithm]error{SHA256: nil, SHA1: nil, SHA512: ErrSignatureMismatch} {
			signed := newSigner(t, "TimestampSigner", key, Options{Algorithm: algorithm}).Sign("value")
			if _, err := s.Unsign(signed); err != want {
				t.Errorf("key %q, %s: %v, want %v", key, algorithm, err, want)
			}
		}
	}
	if _, err := timestampSigner(t, Options{}).Unsign(s.Sign("value")); err != nil {
		t.Errorf("signing did not use the first key and algorithm: %v", err)
	}
}

// The caller may change its slice of keys afterwards.
func TestOptionsAreCopied(t *testing.T) {
	keys := []string{"older"}
	s := timestampSigner(t, Options{FallbackKeys: keys})
	c := cookieSigner(t, testKey, CookieOptions{FallbackKeys: keys})
	older := cookieSigner(t, "older", CookieOptions{})
	keys[0] = "changed"
	if _, err := s.Unsign(newSigner(t, "TimestampSigner", "older", Options{}).Sign("value")); err != nil {
		t.Error(err)
	}
	if _, err := c.Unsign("name", "", older.Sign("name", "", "value"), NoMaxAge); err != nil {
		t.Error(err)
	}
}

func TestConcurrentUse(t *testing.T) {
	s := timestampSigner(t, Options{FallbackKeys: []string{"older"}, LegacyAlgorithm: SHA1})
	c := cookieSigner(t, testKey, CookieOptions{LegacySaltFallback: true})
	var wait sync.WaitGroup
	for worker := range 8 {
		wait.Go(func() {
			for i := range 50 {
				payload := cart(worker*7 + i%3)
				got, err := s.Payload(string(s.AppendPayload(nil, payload, i%2 == 0)))
				if err != nil || !bytes.Equal(got, payload) {
					t.Errorf("worker %d: payload of %d bytes: %d, %v", worker, len(payload), len(got), err)
				}
				value := fmt.Sprint("value ", worker, i)
				if got, err := s.Unsign(s.Sign(value)); err != nil || got != value {
					t.Errorf("worker %d: %q, %v", worker, got, err)
				}
				if got, err := c.Unsign("name", "salt", c.Sign("name", "salt", value), NoMaxAge); err != nil || got != value {
					t.Errorf("worker %d: cookie %q, %v", worker, got, err)
				}
			}
		})
	}
	wait.Wait()
}
