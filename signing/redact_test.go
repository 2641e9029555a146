package signing

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// However options and signers are printed, logged or put into an error, no key is in it.
func TestNothingSecretIsPrinted(t *testing.T) {
	const key = "hush4hush4hush4hush4hush4hush4hu"
	o := Options{Salt: "a.purpose", FallbackKeys: []string{key, "another" + key}, Now: time.Now}
	co := CookieOptions{FallbackKeys: []string{key}, Now: time.Now}
	signer, err := NewSigner(key, o)
	if err != nil {
		t.Fatal(err)
	}
	stamped, err := NewTimestampSigner(key, o)
	if err != nil {
		t.Fatal(err)
	}
	cookies, err := NewCookieSigner(key, co)
	if err != nil {
		t.Fatal(err)
	}
	mac, err := NewMAC("salt", key, SHA256)
	if err != nil {
		t.Fatal(err)
	}
	signer.Sign("value")
	for _, one := range []any{o, &o, co, &co, signer, stamped, cookies, mac} {
		var text bytes.Buffer
		for _, holder := range []any{one, []any{one}, map[string]any{"a": one}, struct{ A any }{one}, &struct{ A any }{one}} {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
				fmt.Fprintf(&text, verb, holder)
			}
			fmt.Fprint(&text, errors.Join(fmt.Errorf("with %v", holder), fmt.Errorf("%w: %+v", ErrZlib, holder)))
			slog.New(slog.NewTextHandler(&text, nil)).Info("one", "value", holder)
			slog.New(slog.NewJSONHandler(&text, nil)).Info("one", "value", holder)
			asJSON, _ := json.Marshal(holder)
			text.Write(asJSON)
		}
		for _, secret := range []string{key, fmt.Sprintf("%x", key), fmt.Sprintf("%d", []byte(key))[1:30]} {
			if strings.Contains(text.String(), secret) {
				t.Errorf("%T is printed with a key", one)
			}
		}
	}
	if text := fmt.Sprintf("%+v", o); !strings.Contains(text, "Salt:a.purpose") || !strings.Contains(text, "[redacted]") {
		t.Errorf("the options are printed as %s", text)
	}
}
