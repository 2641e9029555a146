// Package secret keeps secret strings out of what is printed, logged and marshaled.
package secret

import "slices"

// Text is a secret string. A struct that holds a Text in an unexported field can be
// printed and logged: fmt prints an address, and encoding/json leaves unexported fields
// out. A pointer to a struct is not enough: fmt prints what it points to for a verb that
// is invalid for a pointer, such as %s. The zero Text is empty. Do not compare Texts with
// ==: that compares addresses.
type Text struct{ p *string }

// New returns a Text that holds s.
func New(s string) Text { return Text{&s} }

// Value returns the secret.
func (t Text) Value() string {
	if t.p == nil {
		return ""
	}
	return *t.p
}

// Redacted is printed instead of a secret.
const Redacted = "[redacted]"

// Redact returns what to print instead of a list of secrets.
func Redact(secrets []string) []string {
	return slices.Repeat([]string{Redacted}, len(secrets))
}
