package auth

import "fmt"

const contribBackends = "django.contrib.auth.backends."

// Backend describes a backend of AUTHENTICATION_BACKENDS. All backends find their users in
// the same [Users].
type Backend struct {
	Password bool // users log in by username and password
	Inactive bool // users who are not active may log in, too
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

// admits reports whether the user may log in by the backend.
func (l *Logins) admits(path string, u User) bool { return u.IsActive || l.backends[path].Inactive }

// admitting returns the first of these backends by which the user may log in, "" if none.
func (l *Logins) admitting(backends []string, u User) string {
	for _, path := range backends {
		if l.admits(path, u) {
			return path
		}
	}
	return ""
}

// passwordBackends returns the backends that accept passwords, in their order, up to the first
// unknown backend. Django would ask that one, and it may stop the login, as a backend that
// counts failed logins does.
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
