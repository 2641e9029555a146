package messages

import "fmt"

// storage is a value of MESSAGE_STORAGE.
type storage int8

const (
	fallbackStorage storage = iota // the cookie, and the session for what does not fit
	cookieStorage
	sessionStorage
)

// The dotted paths of Django's storages.
const storages = "django.contrib.messages.storage."

func storageOf(path string) (storage, error) {
	switch path {
	case "", storages + "fallback.FallbackStorage":
		return fallbackStorage, nil
	case storages + "cookie.CookieStorage":
		return cookieStorage, nil
	case storages + "session.SessionStorage":
		return sessionStorage, nil
	}
	return 0, fmt.Errorf("messages: MESSAGE_STORAGE is %q, which is not supported: use %sfallback.FallbackStorage, %scookie.CookieStorage or %ssession.SessionStorage on both sides",
		path, storages, storages, storages)
}
