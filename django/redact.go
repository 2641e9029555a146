package django

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"
)

const redacted = "[redacted]"

// plainSettings are Settings without the methods below.
type plainSettings Settings

// redact returns a copy without the secrets.
func (s Settings) redact() plainSettings {
	if s.SecretKey != "" {
		s.SecretKey = redacted
	}
	s.SecretKeyFallbacks = slices.Clone(s.SecretKeyFallbacks)
	for i := range s.SecretKeyFallbacks {
		s.SecretKeyFallbacks[i] = redacted
	}
	return plainSettings(s)
}

// Format implements fmt.Formatter: the settings without the secrets.
func (s Settings) Format(f fmt.State, verb rune) {
	_, _ = fmt.Fprintf(f, fmt.FormatString(f, verb), s.redact())
}

// LogValue implements slog.LogValuer: the settings without the secrets.
func (s Settings) LogValue() slog.Value { return slog.AnyValue(s.redact()) }

// MarshalJSON implements json.Marshaler: the settings without the secrets.
func (s Settings) MarshalJSON() ([]byte, error) { return json.Marshal(s.redact()) }

// The types below print and log what they are, and nothing of what they hold:
// settings, keys, data.

// Format implements fmt.Formatter.
func (c *Codec) Format(f fmt.State, _ rune) { print(f, c.LogValue()) }

// LogValue implements slog.LogValuer.
func (c *Codec) LogValue() slog.Value { return slog.StringValue("django.Codec") }

// Format implements fmt.Formatter.
func (s *Session) Format(f fmt.State, _ rune) { print(f, s.LogValue()) }

// LogValue implements slog.LogValuer.
func (s *Session) LogValue() slog.Value { return slog.StringValue("django.Session") }

// Format implements fmt.Formatter.
func (r Record) Format(f fmt.State, _ rune) { print(f, r.LogValue()) }

// LogValue implements slog.LogValuer.
func (r Record) LogValue() slog.Value { return slog.StringValue("django.Record") }

// Format implements fmt.Formatter.
func (w Write) Format(f fmt.State, _ rune) { print(f, w.LogValue()) }

// LogValue implements slog.LogValuer.
func (w Write) LogValue() slog.Value { return slog.StringValue("django.Write") }

func print(f fmt.State, v slog.Value) { _, _ = io.WriteString(f, v.String()) }
