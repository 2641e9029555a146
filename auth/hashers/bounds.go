package hashers

// The bounds of what a stored hash may cost. Each allows about five seconds of one
// processor of a current server, and at least six times what the newest Django does by
// default; see [Options].Parameters for a site that goes beyond.
const (
	// maxPBKDF2Iterations: Django 6.1 has 1,500,000 by default, and 4.2 had 600,000.
	maxPBKDF2Iterations = 10_000_000
	// maxBCryptRounds: each doubles the cost; Django has 12 by default.
	maxBCryptRounds = 16
	// maxArgon2MemoryCost is 1 GiB, in KiB; Django has 100 MiB by default.
	maxArgon2MemoryCost = 1 << 20
	// maxArgon2Work bounds memory_cost times time_cost, the KiB that are written: 2 GiB;
	// Django has 200 MiB by default.
	maxArgon2Work = 2 << 20
	// maxScryptWork bounds work_factor times block_size times parallelism, 16 times
	// Django's default. The memory is bounded by Django's own maxmem, see [Scrypt].
	maxScryptWork = 16 * (1 << 14) * 8 * 5
)

// maxPasswordLength is the length of the longest password, in bytes, that can match: the
// longest form that Django accepts, DATA_UPLOAD_MAX_MEMORY_SIZE by default. Hashing itself
// takes any length at hardly more cost, in Django as here.
const maxPasswordLength = 2_621_440

// maxEncoded bounds a stored hash, in bytes: the column has room for 128 characters, and a
// custom user model has seldom more.
const maxEncoded = 1024

// bounds are what stored hashes may cost.
type bounds struct {
	iterations, rounds       int
	memoryCost, argon2Work   int
	scryptWork, scryptMaxMem int
}

var defaultBounds = bounds{
	iterations: maxPBKDF2Iterations,
	rounds:     maxBCryptRounds,
	memoryCost: maxArgon2MemoryCost,
	argon2Work: maxArgon2Work,
	scryptWork: maxScryptWork,
	// OpenSSL's default, which Django's maxmem of 0 leaves in force.
	scryptMaxMem: 32 << 20,
}
