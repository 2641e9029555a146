package auth

import "fmt"

const contribBackends = "django.contrib.auth.backends."

// Backend is what a backend of AUTHENTICATION_BACKENDS lets in. All of them find
// their users in the same [Users].
type Backend struct {
	// Password: users log in with it by username and password.
	Password bool
	// Inactive: users who are not active may log in by it, too.
	Inactive bool
}

// knownBackends are Django's own.
func knownBackends() map[string]Backend {
	return map[string]Backend{
		contribBackends + "ModelBackend":                   {Password: true},
		contribBackends + "AllowAllUsersModelBackend":      {Password: true, Inactive: true},
		contribBackends + "RemoteUserBackend":              {},
		contribBackends + "AllowAllUsersRemoteUserBackend": {Inactive: true},
	}
}

// admits reports whether the backend lets the user in.
func (l *Logins) admits(path string, u User) bool { return u.IsActive || l.backends[path].Inactive }

// admitting returns the first of these backends that lets the user in, "" if none does.
func (l *Logins) admitting(backends []string, u User) string {
	for _, path := range backends {
		if l.admits(path, u) {
			return path
		}
	}
	return ""
}

// passwordBackends are those by which a password may log in: in their order, up to
// the first that nothing is known of. Django asks that one first, and it may stop
// the login, as one that counts failed logins does.
func (l *Logins) passwordBackends() ([]string, error) {
	var paths []string
	for _, path := range l.settings.AuthenticationBackends {
		b, known := l.backends[path]
		if !known {
			if len(paths) == 0 {
				return nil, fmt.Errorf("%w: %q", ErrOwnBackend, path)
			}
			break
		}
		if b.Password {
			paths = append(paths, path)
		}
	}
	if len(paths) == 0 {
		return nil, ErrNoPasswordBackend
	}
	return paths, nil
}
