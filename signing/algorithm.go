package signing

import (
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
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

var hashes = map[Algorithm]func() hash.Hash{SHA1: sha1.New, SHA256: sha256.New, SHA384: sha512.New384, SHA512: sha512.New}
