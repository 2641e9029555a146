package auth

import "github.com/djsession/djsession/django"

// sealed reports whether the headers of the response have gone, so that the browser can no
// longer get a new key.
func sealed(s *django.Session) bool {
	known, ok := any(s).(interface{ Sealed() bool })
	return ok && known.Sealed()
}

// abandoned returns the key of the stored session that Abandon left, "" if there is none.
func abandoned(s *django.Session) string {
	known, ok := any(s).(interface{ Abandoned() string })
	if !ok {
		return ""
	}
	return known.Abandoned()
}
