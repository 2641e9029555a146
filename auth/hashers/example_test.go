package hashers_test

import (
	"context"
	"fmt"

	"github.com/djsession/djsession/auth/hashers"
)

// A value of the column auth_user.password, as Django wrote it.
const stored = "bcrypt_sha256$$2b$04$RlgEpajGCT5oc4n40bUThuw.BLS3M7Obl9arX.i39SWFF0lPiG3v6"

func Example() {
	h, err := hashers.New(hashers.Options{DjangoVersion: "5.2"})
	if err != nil {
		panic(err)
	}
	ctx := context.Background() // a request's, with a deadline
	for _, password := range []string{"correct horse battery staple", "incorrect"} {
		result, err := h.Check(ctx, password, stored)
		if err != nil {
			panic(err)
		}
		fmt.Println(result.OK)
	}
	// Output:
	// true
	// false
}

// A site with a custom hasher class: with the same parameters here, both sides agree on which
// hashes are outdated.
func ExampleOptions() {
	h, err := hashers.New(hashers.Options{
		PasswordHashers: []string{"shop.hashers.QuickHasher", "django.contrib.auth.hashers.BCryptSHA256PasswordHasher"},
		Parameters:      map[string]hashers.Parameters{"shop.hashers.QuickHasher": hashers.PBKDF2SHA256{Iterations: 1000}},
	})
	if err != nil {
		panic(err)
	}
	result, err := h.Check(context.Background(), "correct horse battery staple", stored)
	if err != nil {
		panic(err)
	}
	if result.MustUpdate {
		encoded, err := h.Make(context.Background(), "correct horse battery staple")
		if err != nil {
			panic(err)
		}
		fmt.Println(encoded[:len("pbkdf2_sha256$1000$")])
	}
	// Output: pbkdf2_sha256$1000$
}
