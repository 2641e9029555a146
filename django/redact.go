package django

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/djsession/djsession/internal/secret"
)

type plainSettings Settings // without methods

func (s Settings) redacted() plainSettings {
	if s.SecretKey != "" {
		s.SecretKey = secret.Redacted
	}
	s.SecretKeyFallbacks = secret.Redact(s.SecretKeyFallbacks)
	return plainSettings(s)
}

// Format implements fmt.Formatter: the settings without the secrets.
func (s Settings) Format(f fmt.State, verb rune) {
	_, _ = fmt.Fprintf(f, fmt.FormatString(f, verb), s.redacted())
}

// MarshalJSON implements json.Marshaler: the settings without the secrets.
func (s Settings) MarshalJSON() ([]byte, error) { return json.Marshal(s.redacted()) }

// What follows prints and logs only the name of the type, because the values hold settings, keys or data.

// Format implements fmt.Formatter.
func (s *Session) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "django.Session") }

// Format implements fmt.Formatter.
func (r Record) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "django.Record") }

// MarshalJSON implements json.Marshaler, for logs.
func (r Record) MarshalJSON() ([]byte, error) { return json.Marshal("django.Record") }

// Format implements fmt.Formatter.
func (w Write) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "django.Write") }

// MarshalJSON implements json.Marshaler, for logs.
func (w Write) MarshalJSON() ([]byte, error) { return json.Marshal("django.Write") }
