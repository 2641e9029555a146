// Package secret keeps secret strings out of what is printed, logged and marshaled.
package secret

import "slices"

// Text is a secret string. A struct that holds a Text in an unexported field can be
// printed and logged: fmt prints an address, and encoding/json leaves unexported fields
// out. The zero Text is empty. It is immutable.
//
// Do not compare Texts with ==: that compares addresses.
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

// Box holds a value that is not printed or logged, like Text. A plain pointer to a
// struct is not enough: fmt prints what it points to for a verb that it does not know
// for pointers, such as %s. The zero Box holds nil.
type Box[T any] struct{ p **T }

// Hide returns a Box that holds v.
func Hide[T any](v *T) Box[T] { return Box[T]{&v} }

// Value returns the value that Hide was given.
func (b Box[T]) Value() *T {
	if b.p == nil {
		return nil
	}
	return *b.p
}
