package signing

import (
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"hash"
)

// Algorithm names a hash function as Python's hashlib does.
type Algorithm string

// The algorithms. Django signs with SHA1 before 3.1, or under DEFAULT_HASHING_ALGORITHM = 'sha1' in 3.1 and 3.2, and
// with SHA256 otherwise.
const (
	SHA1   Algorithm = "sha1"
	SHA256 Algorithm = "sha256"
	SHA384 Algorithm = "sha384"
	SHA512 Algorithm = "sha512"
)

// constructor returns the function that makes a's hash. The empty Algorithm is an error too.
func (a Algorithm) constructor() (func() hash.Hash, error) {
	switch a {
	case SHA1:
		return sha1.New, nil
	case SHA256:
		return sha256.New, nil
	case SHA384:
		return sha512.New384, nil
	case SHA512:
		return sha512.New, nil
	}
	return nil, fmt.Errorf("%w %q: use sha1, sha256, sha384 or sha512", ErrAlgorithm, string(a))
}
