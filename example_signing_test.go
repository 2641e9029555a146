package djsession_test

import (
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/djsession/djsession/signing"
)

// Example_signing makes a link that is good for a day. Django reads it with
// signing.loads(text, salt="shop.invite", max_age=86400).
func Example_signing() {
	signer, err := signing.NewTimestampSigner("the SECRET_KEY of settings.py", signing.Options{Salt: "shop.invite"})
	if err != nil {
		log.Fatal(err)
	}
	type invite struct {
		Email string `json:"email"`
	}
	text, err := signer.SignObject(invite{"ann@example.com"}, true) // signing.dumps(…, compress=True)
	if err != nil {
		log.Fatal(err)
	}

	var got invite
	err = signer.UnsignObject(text, &got, 24*time.Hour)
	fmt.Println(got.Email, err)
	err = signer.UnsignObject(text+"x", &got, 24*time.Hour)
	fmt.Println(errors.Is(err, signing.ErrBadSignature))
	// Output:
	// ann@example.com <nil>
	// true
}
