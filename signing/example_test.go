package signing_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/djsession/djsession/signing"
)

// secretKey is the site's SECRET_KEY; a program reads it from its environment.
const secretKey = "the site's SECRET_KEY"

// clock stands still so that the examples print the same every time; leave Options.Now out.
func clock() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

func ExampleTimestampSigner() {
	signer, err := signing.NewTimestampSigner(secretKey, signing.Options{Salt: "shop.invite", Now: clock})
	if err != nil {
		panic(err)
	}
	// Django reads it with signing.loads(link, salt="shop.invite", max_age=86400).
	link, err := signer.SignObject(map[string]any{"email": "someone@example.com"}, true)
	if err != nil {
		panic(err)
	}
	var invite struct{ Email string }
	if err := signer.UnsignObject(link, &invite, 24*time.Hour); err != nil {
		panic(err)
	}
	fmt.Println(invite.Email)

	err = signer.UnsignObject(link+"x", &invite, 24*time.Hour)
	fmt.Println(errors.Is(err, signing.ErrBadSignature))
	// Output:
	// someone@example.com
	// true
}

func ExampleTimestampSigner_Unsign() {
	now := clock()
	signer, err := signing.NewTimestampSigner(secretKey, signing.Options{Now: func() time.Time { return now }})
	if err != nil {
		panic(err)
	}
	signed := signer.Sign("subscribe:42")

	now = now.Add(time.Hour)
	value, err := signer.Unsign(signed, time.Hour)
	fmt.Println(value, err)

	now = now.Add(time.Second)
	_, err = signer.Unsign(signed, time.Hour)
	fmt.Println(errors.Is(err, signing.ErrSignatureExpired), errors.Is(err, signing.ErrBadSignature))
	// Output:
	// subscribe:42 <nil>
	// true true
}

func ExampleNewSigner() {
	// Signer(key="the site's SECRET_KEY", salt="shop.unsubscribe") in Django.
	signer, err := signing.NewSigner(secretKey, signing.Options{Salt: "shop.unsubscribe"})
	if err != nil {
		panic(err)
	}
	signed := signer.Sign("42")
	fmt.Println(signed)
	value, err := signer.Unsign(signed)
	fmt.Println(value, err)
	// Output:
	// 42:QXeJLUGrk6GFvUw8eW6XYyeNL_nF7nzogjH3qroOjMk
	// 42 <nil>
}

func ExampleDumps() {
	text, err := signing.Dumps([]int{1, 2, 3}, secretKey, false, signing.Options{Now: clock})
	if err != nil {
		panic(err)
	}
	fmt.Println(text)
	var numbers []int
	err = signing.Loads(text, &numbers, secretKey, signing.NoMaxAge, signing.Options{})
	fmt.Println(numbers, err)
	// Output:
	// WzEsMiwzXQ:1vwfSq:pmhqCNUBD39fJRJobD4MOKAX5vp_XhbfA5E1O-iro1M
	// [1 2 3] <nil>
}

func ExampleCookieSigner() {
	// A site on Django 5.2 or 6.0: SIGNED_COOKIE_LEGACY_SALT_FALLBACK is True there.
	cookies, err := signing.NewCookieSigner(secretKey, signing.CookieOptions{LegacySaltFallback: true})
	if err != nil {
		panic(err)
	}
	value := cookies.Sign("theme", "", "dark") // response.set_signed_cookie("theme", "dark")

	theme, err := cookies.Unsign("theme", "", value, 30*24*time.Hour)
	fmt.Println(theme, err)
	_, err = cookies.Unsign("language", "", value, signing.NoMaxAge)
	fmt.Println(errors.Is(err, signing.ErrSignatureMismatch))
	// Output:
	// dark <nil>
	// true
}

func ExampleSaltedHMAC() {
	// salted_hmac("shop.etag", "product 7", secret, algorithm="sha256").hexdigest()
	sum, err := signing.SaltedHMAC("shop.etag", "product 7", secretKey, signing.SHA256)
	fmt.Println(hex.EncodeToString(sum), err)
	// Output: fc7bc03b07a5d60f6fca127491906a0b92eb9f281ba8ad3f9da849e16a248c28 <nil>
}

func ExampleOptions_fallbackKeys() {
	// SECRET_KEY was changed; what the old key signed is still good.
	before, err := signing.NewTimestampSigner("the key before", signing.Options{})
	if err != nil {
		panic(err)
	}
	now, err := signing.NewTimestampSigner(secretKey, signing.Options{FallbackKeys: []string{"the key before"}})
	if err != nil {
		panic(err)
	}
	fmt.Println(now.Unsign(before.Sign("value"), signing.NoMaxAge))
	// Output: value <nil>
}
