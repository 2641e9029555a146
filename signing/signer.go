package signing

import (
	"context"
	"strings"
)

// Signer is django.core.signing.Signer: it signs strings and objects, without a time. It is immutable and safe for
// concurrent use.
type Signer struct{ settings }

// NewSigner returns a signer for key, the value of SECRET_KEY (as UTF-8 if it is a str, as it stands if it is bytes).
// It refuses an empty key, an unsafe separator and an unknown algorithm.
func NewSigner(key string, o Options) (*Signer, error) {
	s, err := o.resolve(key, "django.core.signing.Signer")
	if err != nil {
		return nil, err
	}
	return &Signer{s}, nil
}

// Signature returns the signature of value alone, in URL-safe base64 without padding.
func (s *Signer) Signature(value string) string { return s.signature(value) }

// Sign returns value, the separator and the signature.
func (s *Signer) Sign(value string) string {
	b := newBuffer()
	defer b.release()
	b.bytes = append(b.bytes, value...)
	b.bytes = s.appendSignature(b.bytes, 0)
	return string(b.bytes)
}

// Unsign returns the value of a text that Sign or Django's sign made with one of the keys. The error is ErrNoSeparator
// or ErrSignatureMismatch.
func (s *Signer) Unsign(signed string) (string, error) { return s.verify(signed) }

// SignObject is Django's sign_object: v serialized, compressed if compress is set and it helps, in base64, and signed.
// The error is the serializer's.
func (s *Signer) SignObject(v any, compress bool) (string, error) {
	return s.signObject(v, compress, s.appendSignature)
}

// UnsignObject is Django's unsign_object: it verifies signed and stores its object in into, a non-nil pointer. The error
// is one of Payload's or the serializer's; into is untouched unless it is the latter.
func (s *Signer) UnsignObject(signed string, into any) error {
	encoded, err := s.verify(signed)
	if err != nil {
		return err
	}
	return s.loads(encoded, into)
}

// AppendPayload appends to dst what sign_object makes of an already serialized payload. It keeps neither slice.
func (s *Signer) AppendPayload(dst, payload []byte, compress bool) []byte {
	encoded, _ := appendEncoded(context.Background(), dst, payload, compress) // without an end there is no error
	return s.appendSignature(encoded, len(dst))
}

// Payload verifies signed and returns the serialized payload in it, in fresh memory that the caller owns. The error is
// ErrNoSeparator, ErrSignatureMismatch, ErrBase64, ErrZlib or ErrTooLarge.
func (s *Signer) Payload(signed string) ([]byte, error) {
	encoded, err := s.verify(signed)
	if err != nil {
		return nil, err
	}
	return s.payload(encoded)
}

func (s *settings) signature(value string) string {
	b := newBuffer()
	defer b.release()
	b.bytes = appendSignature(s.macs[0], b.bytes, value)
	return string(b.bytes)
}

// appendSignature signs text[start:].
func (s *settings) appendSignature(text []byte, start int) []byte {
	end := len(text)
	text = append(text, s.separator...)
	return appendSignature(s.macs[0], text, text[start:end])
}

// verify splits at the last separator, because the value may hold some too.
func (s *settings) verify(signed string) (value string, err error) {
	at := strings.LastIndex(signed, s.separator)
	if at < 0 {
		return "", ErrNoSeparator
	}
	value, signature := signed[:at], signed[at+len(s.separator):]
	for _, mac := range s.macs {
		if mac.matches(value, signature) {
			return value, nil
		}
	}
	return "", ErrSignatureMismatch
}
