// Package secret keeps a secret string out of what is printed, logged and marshaled.
package secret

// Text is a secret string. A struct that holds a Text in an unexported field can be
// printed and logged: fmt prints an address, and encoding/json leaves unexported fields
// out. The zero Text is empty. It is immutable.
//
// Do not compare Texts with ==: that compares addresses.
type Text struct{ p *string }

// Hide returns what to print instead of a list of secrets.
func Hide(secrets []string) []string {
	hidden := make([]string, len(secrets))
	for i := range hidden {
		hidden[i] = "[redacted]"
	}
	return hidden
}

// New returns a Text that holds s.
func New(s string) Text { return Text{&s} }

// Value returns the secret.
func (t Text) Value() string {
	if t.p == nil {
		return ""
	}
	return *t.p
}
