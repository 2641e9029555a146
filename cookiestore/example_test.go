package cookiestore_test

import (
	"fmt"

	"github.com/djsession/djsession/cookiestore"
	"github.com/djsession/djsession/django"
)

// The sessions of a site with SESSION_ENGINE =
// "django.contrib.sessions.backends.signed_cookies".
func ExampleNew() {
	settings := django.DefaultSettings()
	settings.SecretKey = "the SECRET_KEY of the site"
	settings.SessionEngine = django.EngineSignedCookies
	sessions, err := django.New(settings, cookiestore.New())
	fmt.Println(sessions, err)
	// Output: django sessions <nil>
}
