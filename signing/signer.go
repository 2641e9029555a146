package signing

import "context"

// Signer is django.core.signing.Signer: it signs strings and objects without a time. It is immutable and safe for
// concurrent use.
type Signer struct{ core }

// NewSigner returns a signer for key, the value of SECRET_KEY (as UTF-8 if it is a str, as it is if it is bytes). The
// error is ErrEmptyKey, ErrSeparator or ErrAlgorithm, or that of a negative MaxInflated.
func NewSigner(key string, o Options) (*Signer, error) {
	c, err := o.resolve(key, "django.core.signing.Signer")
	if err != nil {
		return nil, err
	}
	return &Signer{c}, nil
}

// Unsign returns the value of a text that Sign or Django's sign made with one of the keys. The error is ErrNoSeparator
// or ErrSignatureMismatch.
func (s *Signer) Unsign(signed string) (string, error) { return s.verify(signed) }

// UnsignObject is Django's unsign_object: it verifies signed and stores its object in into, a non-nil pointer. The error
// is one of Payload's or the serializer's; into is unchanged unless it is the latter.
func (s *Signer) UnsignObject(signed string, into any) error {
	encoded, err := s.verify(signed)
	if err != nil {
		return err
	}
	return s.loads(encoded, into)
}

// Payload verifies signed and returns its serialized payload, which the caller owns. The error is ErrNoSeparator,
// ErrSignatureMismatch, ErrBase64, ErrZlib, ErrTooLarge, or ctx.Err() if ctx ends while a large payload waits for memory.
func (s *Signer) Payload(ctx context.Context, signed string) ([]byte, error) {
	encoded, err := s.verify(signed)
	if err != nil {
		return nil, err
	}
	return s.decode(ctx, encoded)
}
