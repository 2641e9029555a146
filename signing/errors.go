package signing

import (
	"errors"
	"fmt"

	"github.com/djsession/djsession/internal/payload"
)

// The errors of texts for which Django raises BadSignature. ErrBadSignature is the parent of the others and is not
// returned by itself. ErrNoSeparator reports a text that was cut off or never signed, ErrSignatureMismatch one that none
// of the keys signed, and ErrSignatureExpired one that is older than the maximum age.
var (
	ErrBadSignature      = errors.New("signing: bad signature")
	ErrNoSeparator       = fmt.Errorf("%w: the text has no separator: it is truncated or was not signed", ErrBadSignature)
	ErrSignatureMismatch = fmt.Errorf("%w: the signature does not match: the text was altered, or key, salt or algorithm differ", ErrBadSignature)
	ErrSignatureExpired  = fmt.Errorf("%w: the signature is older than the maximum age", ErrBadSignature)
)

// The errors of texts that were signed with the right key, but by another kind of signer. Django raises a ValueError, an
// IndexError, a binascii.Error or a zlib.error. ErrTimestamp reports that the timestamp is missing or not base62;
// ErrBase64 and ErrZlib report payloads that Python's modules reject; ErrTooLarge reports a payload that inflates beyond
// Options.MaxInflated.
var (
	ErrTimestamp = errors.New("signing: the text is signed correctly but has no timestamp: was it made by a Signer without one?")
	ErrBase64    = payload.ErrBase64
	ErrZlib      = payload.ErrZlib
	ErrTooLarge  = payload.ErrTooLarge
)

// The errors of constructors.
var (
	ErrEmptyKey  = errors.New("signing: empty key")
	ErrSeparator = errors.New("signing: unsafe separator")
	ErrAlgorithm = errors.New("signing: unknown algorithm")
)
