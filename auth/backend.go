package auth

import "slices"

const contribBackends = "django.contrib.auth.backends."

// Backend is what a backend of AUTHENTICATION_BACKENDS lets in. All of them find
// their users in the same [Users].
type Backend struct {
	// Password: users log in with it by username and password.
	Password bool
	// Inactive: users who are not active may log in by it, too.
	Inactive bool
}

// knownBackends are Django's own. A site's own backend is taken for the zero
// Backend unless WithBackend says more.
func knownBackends() map[string]Backend {
	return map[string]Backend{
		contribBackends + "ModelBackend":                   {Password: true},
		contribBackends + "AllowAllUsersModelBackend":      {Password: true, Inactive: true},
		contribBackends + "RemoteUserBackend":              {},
		contribBackends + "AllowAllUsersRemoteUserBackend": {Inactive: true},
	}
}

// admits reports whether the backend is configured and lets the user in.
func (l *Logins) admits(path string, u User) error {
	switch {
	case !slices.Contains(l.settings.AuthenticationBackends, path):
		return ErrUnknownBackend
	case !u.IsActive && !l.backends[path].Inactive:
		return ErrInactive
	}
	return nil
}
