package signing

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
)

// redactedKeys stands for keys in what is printed and logged: how many there are, and no more.
func redactedKeys(keys []string) []string {
	if keys == nil {
		return nil
	}
	hidden := make([]string, len(keys))
	for i := range hidden {
		hidden[i] = "[redacted]"
	}
	return hidden
}

type (
	plainOptions       Options
	plainCookieOptions CookieOptions
)

func (o Options) redact() plainOptions {
	o.FallbackKeys = redactedKeys(o.FallbackKeys)
	return plainOptions(o)
}

// Format implements fmt.Formatter: the options without the keys.
func (o Options) Format(f fmt.State, verb rune) {
	_, _ = fmt.Fprintf(f, fmt.FormatString(f, verb), o.redact())
}

// LogValue implements slog.LogValuer: the options without the keys.
func (o Options) LogValue() slog.Value { return slog.StringValue(fmt.Sprintf("%+v", o.redact())) }

// MarshalJSON implements json.Marshaler: the options as they are logged.
func (o Options) MarshalJSON() ([]byte, error) { return json.Marshal(o.LogValue().String()) }

func (o CookieOptions) redact() plainCookieOptions {
	o.FallbackKeys = redactedKeys(o.FallbackKeys)
	return plainCookieOptions(o)
}

// Format implements fmt.Formatter: the options without the keys.
func (o CookieOptions) Format(f fmt.State, verb rune) {
	_, _ = fmt.Fprintf(f, fmt.FormatString(f, verb), o.redact())
}

// LogValue implements slog.LogValuer: the options without the keys.
func (o CookieOptions) LogValue() slog.Value { return slog.StringValue(fmt.Sprintf("%+v", o.redact())) }

// MarshalJSON implements json.Marshaler: the options as they are logged.
func (o CookieOptions) MarshalJSON() ([]byte, error) { return json.Marshal(o.LogValue().String()) }

// The types below print and log what they are, and nothing of the keys that they hold.

// Format implements fmt.Formatter.
func (s *Signer) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "signing.Signer") }

// LogValue implements slog.LogValuer.
func (s *Signer) LogValue() slog.Value { return slog.StringValue("signing.Signer") }

// Format implements fmt.Formatter.
func (s *TimestampSigner) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "signing.TimestampSigner")
}

// LogValue implements slog.LogValuer.
func (s *TimestampSigner) LogValue() slog.Value { return slog.StringValue("signing.TimestampSigner") }

// Format implements fmt.Formatter.
func (c *CookieSigner) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "signing.CookieSigner") }

// LogValue implements slog.LogValuer.
func (c *CookieSigner) LogValue() slog.Value { return slog.StringValue("signing.CookieSigner") }

// Format implements fmt.Formatter.
func (m *MAC) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "signing.MAC") }

// LogValue implements slog.LogValuer.
func (m *MAC) LogValue() slog.Value { return slog.StringValue("signing.MAC") }
