package signing

import (
	"testing"
	"time"
)

func TestSignedAt(t *testing.T) {
	s := timestampSigner(t, Options{Now: at(1700000000.75)})
	got, err := s.SignedAt(s.Sign("value"))
	if want := time.Unix(1700000000, 0); err != nil || !got.Equal(want) || got.Location() != time.UTC {
		t.Errorf("%v, %v; want %v in UTC", got, err, want.UTC())
	}
	if s.Timestamp() != "1r31eq" {
		t.Errorf("timestamp %q", s.Timestamp())
	}
	if _, err := s.SignedAt("value:1r31eq:signature"); err != ErrSignatureMismatch {
		t.Errorf("%v, want ErrSignatureMismatch", err)
	}
	plain := newSigner(t, "Signer", testKey, Options{Salt: "django.core.signing.TimestampSigner"})
	for _, stamped := range []string{"value", "value:", "value:!", "value:zzzzzzzzzzzz"} {
		if _, err := s.SignedAt(plain.Sign(stamped)); err != ErrTimestamp {
			t.Errorf("%q: %v, want ErrTimestamp", stamped, err)
		}
	}
}

func TestMaxAgeOfObjectsAndPayloads(t *testing.T) {
	now := 1700000000.0
	s := timestampSigner(t, Options{Now: func() time.Time { return at(now)() }})
	signed, err := s.SignObject(map[string]int{"a": 1}, false)
	if err != nil {
		t.Fatal(err)
	}
	for age, want := range map[float64]error{0: nil, 60: nil, 60.25: ErrSignatureExpired} {
		now = 1700000000 + age
		var into map[string]int
		if err := s.TimestampSigner.UnsignObject(signed, &into, time.Minute); err != want || (want == nil) != (into["a"] == 1) {
			t.Errorf("object, age %v: %v, %v", age, into, err)
		}
		if payload, err := s.TimestampSigner.Payload(t.Context(), signed, time.Minute); err != want || (want == nil) != (string(payload) == `{"a":1}`) {
			t.Errorf("payload, age %v: %q, %v", age, payload, err)
		}
		if err := s.UnsignObject(signed, &into); err != nil {
			t.Errorf("object of any age: %v", err)
		}
	}
}
