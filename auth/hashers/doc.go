// Package hashers checks and makes the values of Django's column `password`.
// It is django.contrib.auth.hashers.
//
//	h, err := hashers.New(hashers.Options{DjangoVersion: "5.2"})
//	result, err := h.Check(ctx, password, encoded) // check_password
//	encoded, err := h.Make(ctx, password)          // make_password
//
// As in Django, only hashes of the algorithms in PASSWORD_HASHERS match, and the first
// algorithm makes new hashes, with the default parameters of the site's Django version.
// A class of the site's own is described in [Options].Parameters, by the parameters of the
// class that it derives from, or by [Wrapped] if it has an algorithm name of its own.
//
// Django hashes a password again on login when the parameters of its hash differ from the
// configured ones. [Result].MustUpdate asks for that only if Options.Parameters has the
// parameters of the preferred hasher: two programs with different parameters would hash in
// turn, and each new hash ends the user's other sessions.
//
// A bounded number of hashes runs at once, and a bounded number of calls waits; the others
// fail with [ErrBusy]. The page docs/users.md says what a hash costs, how long an answer
// takes, and where this package differs from Django.
package hashers
