// Package hashers checks and makes the values of Django's column `password`. It is
// django.contrib.auth.hashers.
//
//	h, err := hashers.New(hashers.Options{DjangoVersion: "5.2"})
//	result, err := h.Check(ctx, password, encoded) // check_password
//	encoded, err := h.Make(ctx, password)          // make_password
//
// As in Django, only algorithms in PASSWORD_HASHERS match, and the first of them makes
// new hashes, with the parameters that the site's Django version has.
//
// # Hashing anew
//
// Django hashes a password anew on login when its hash is of other parameters than its
// own, be they higher or lower. Two programs with different parameters would do so in
// turn, and each time the user's other sessions end. So [Result].MustUpdate is true only
// if the parameters of the preferred hasher are set in [Options].Parameters:
//
//	h, err := hashers.New(hashers.Options{
//		PasswordHashers: []string{"shop.hashers.SlowHasher", "django.contrib.auth.hashers.PBKDF2PasswordHasher"},
//		Parameters:      map[string]hashers.Parameters{"shop.hashers.SlowHasher": hashers.PBKDF2SHA256{Iterations: 2_000_000}},
//	})
//
// The length of argon2's digest follows from the release of argon2-cffi at the site, see
// [Argon2].
//
// # Hashers of the site's own
//
// A class of the site's own is described in [Options].Parameters: by the parameters of the
// hasher that it derives from, as above, or by [Wrapped] if it has a name of its own, as a
// hasher around the hashes of an old one has.
//
// # Load
//
// No more than [Options].Concurrent hashes run at once, and no more than [Options].Queue
// wait for that, each until its context ends; all others fail with [ErrBusy]. So a flood of
// wrong passwords delays a right one by the queue at the most, which is 8 hashes for each
// that may run unless configured otherwise. A hash that runs cannot be stopped. One
// with Django's parameters takes a processor for a few tenths of a second, and memory:
// 100 MiB for argon2 from Django 3.2 on, 16 MiB for scrypt, next to nothing for the
// others. So 8 at once with argon2 take 800 MiB, and what they leave behind stays until
// the garbage is collected: with Go's default GOGC, reckon with twice as much.
//
// By default half of the processors may hash, at least one; the rest is for other work.
// argon2 also uses, for each hash, as many processors as its parallelism says: 8 with
// Django's parameters from 3.2 on, 2 before. So even one hash at a time may take all there
// are, though for a shorter time.
//
// A stored hash says itself what it costs, so that absurd ones are refused, as no match:
// see [maxPBKDF2Iterations], [maxBCryptRounds], [maxArgon2MemoryCost], [maxArgon2Work] and
// [maxScryptWork]. Parameters of Options raise the bounds to themselves.
//
// # What the time tells
//
// A user who does not exist costs one hash of today's ([Hashers.Spend]). So does a wrong
// password for an older PBKDF2 or bcrypt hash of the preferred algorithm: what the old hash
// costs less is made up for, whether Parameters are set or not. As in Django, that is all: a
// hash of another algorithm, one of argon2 or scrypt with other parameters, and one that is
// costlier than those of today take their own time.
//
// # What does not match
//
// A hash that is damaged, of an unknown format, beyond the bounds, or of an algorithm that
// is not in PASSWORD_HASHERS matches nothing. That is logged once for each reason, without
// the hash. Such a hash, an unusable one ([IsUsable]) and an empty one cost as much time as
// a wrong password does.
//
// A password that holds a NUL or is not UTF-8 matches nothing: no form of Django's lets it
// in. Nor does one of more than [maxPasswordLength] bytes. Make refuses them.
//
// # Differences from Django
//
//   - Where Django raises an exception over a damaged hash, it is no match.
//   - An unusable or unknown hash costs one hash of the preferred hasher in every version;
//     before 4.2.14 Django did without.
//   - With plain bcrypt, Check looks at the first 72 bytes of a password, as it has always
//     been, while Make refuses a longer one. Django leaves that to the library: bcrypt
//     before 5.0 looks at the first 72 bytes, from 5.0 on it raises an exception. Prefer
//     bcrypt_sha256.
//   - The argon2d variety and version 16 of argon2 do not match. No hasher of Django's has
//     made them, but since 3.2 it would accept them.
//   - $2x$ of bcrypt is accepted, like $2a$, $2b$ and $2y$; bcrypt before 4.0 refuses it.
//   - crypt is not supported.
package hashers
