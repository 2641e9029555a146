package signing

import (
	"errors"
	"fmt"
)

var (
	// ErrBadSignature is Django's BadSignature: the text was not signed with one of the keys, or is too old. It is
	// the parent of ErrNoSeparator, ErrSignatureMismatch and ErrSignatureExpired, and is never returned by itself.
	ErrBadSignature = errors.New("signing: bad signature")

	// ErrNoSeparator reports a text without the separator: it was cut off, or was never signed.
	ErrNoSeparator = fmt.Errorf("%w: the text holds no separator; it is truncated or was not signed", ErrBadSignature)

	// ErrSignatureMismatch reports a signature that none of the keys makes for this value.
	ErrSignatureMismatch = fmt.Errorf("%w: the signature does not match; the text was altered, or key, salt or algorithm differ", ErrBadSignature)

	// ErrSignatureExpired is Django's SignatureExpired: the signature matches, but is older than the maximal age.
	ErrSignatureExpired = fmt.Errorf("%w: the signature is older than the maximal age", ErrBadSignature)
)

// What follows is not a bad signature: the text was signed with a right key, but not by a signer of this kind. Django
// raises a ValueError, an IndexError, a binascii.Error or a zlib.error, not BadSignature.
var (
	// ErrTimestamp reports that the timestamp is missing or is no base62 number; a plain Signer made the text, say.
	ErrTimestamp = errors.New("signing: the text is well signed but carries no timestamp; was it made by a Signer without one?")

	// ErrBase64 reports a payload that Python's base64 module refuses.
	ErrBase64 = errors.New("signing: the payload is well signed but is not base64; was it signed with Sign instead of SignObject?")

	// ErrZlib reports a payload that is marked as compressed and that Python's zlib module refuses.
	ErrZlib = errors.New("signing: the payload is well signed but is not a complete zlib stream")

	// ErrTooLarge reports a payload that inflates beyond Options.MaxInflated. Django has no such bound.
	ErrTooLarge = errors.New("signing: the payload inflates beyond the bound; raise MaxInflated if it is genuine")
)

// ErrBase62 reports a text that DecodeBase62 cannot turn into an int64.
var ErrBase62 = errors.New("signing: not a base62 number of 64 bits")
