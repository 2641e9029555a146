package signing

import (
	"encoding/json"
	"fmt"

	"github.com/djsession/djsession/internal/secret"
)

// Options and CookieOptions are printed, logged and marshaled without the keys. These are their types without methods.
type (
	plainOptions       Options
	plainCookieOptions CookieOptions
)

func (o Options) redacted() plainOptions {
	o.FallbackKeys = secret.Hide(o.FallbackKeys)
	return plainOptions(o)
}

func (o CookieOptions) redacted() plainCookieOptions {
	o.FallbackKeys = secret.Hide(o.FallbackKeys)
	return plainCookieOptions(o)
}

// Format implements fmt.Formatter: the options without the keys.
func (o Options) Format(f fmt.State, verb rune) {
	fmt.Fprintf(f, fmt.FormatString(f, verb), o.redacted())
}

// Format implements fmt.Formatter: the options without the keys.
func (o CookieOptions) Format(f fmt.State, verb rune) {
	fmt.Fprintf(f, fmt.FormatString(f, verb), o.redacted())
}

// MarshalJSON implements json.Marshaler: the options without the keys.
func (o Options) MarshalJSON() ([]byte, error) { return json.Marshal(o.redacted()) }

// MarshalJSON implements json.Marshaler: the options without the keys.
func (o CookieOptions) MarshalJSON() ([]byte, error) { return json.Marshal(o.redacted()) }
