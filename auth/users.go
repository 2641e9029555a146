package auth

import (
	"context"
	"time"
	"unicode/utf8"

	"github.com/djsession/djsession/serializer"
)

// Users is where a site keeps its users: a table of Django's in package usertable, or a
// custom implementation. Its methods must be safe for concurrent use. They are
// called with no lock held and may log, but must not ask for the user of the same request:
// see [ErrReentrant].
//
// A User that they return has an ID, the Password as it is stored now, and IsActive, without
// which the user cannot log in. An error other than [ErrNoUser] means that the answer is
// unknown, and fails the request: the visitor is not treated as anonymous.
type Users interface {
	// ByID returns the user with this primary key, in the form of User.ID, or
	// ErrNoUser. Django's get(pk=id).
	ByID(ctx context.Context, id string) (User, error)

	// ByUsername returns the user of this name as the database compares names, or
	// ErrNoUser. Django's get_by_natural_key.
	ByUsername(ctx context.Context, username string) (User, error)

	// ReadID reads a session's _auth_user_id as the primary key's to_python does
	// and returns it in the form of User.ID. ok is false where Django would raise or
	// where no user can have it. [ReadText] is a ReadID for plain text.
	ReadID(v serializer.Value) (id string, ok bool)
}

// PasswordSetter is implemented by Users that can store a password.
type PasswordSetter interface {
	// SetPassword stores encoded as the password of the user with this id. done is false,
	// and nothing is stored, if old is not empty and not the stored value, or if there is
	// no such user.
	SetPassword(ctx context.Context, id, old, encoded string) (done bool, err error)
}

// LoginRecorder is implemented by Users that keep the time of the last login.
type LoginRecorder interface {
	// SetLastLogin stores at as last_login of the user with this id.
	SetLastLogin(ctx context.Context, id string, at time.Time) error
}

// PermissionLister is implemented by Users that have permissions.
type PermissionLister interface {
	// Permissions returns the permissions of the user with this id, their own and
	// those of their groups, as "app_label.codename". Django's
	// ModelBackend.get_all_permissions of a user who is no superuser.
	Permissions(ctx context.Context, id string) ([]string, error)
}

// AllPermissionsLister is implemented by Users that know every permission of the site: those
// of a superuser.
type AllPermissionsLister interface {
	// AllPermissions returns all permissions, as "app_label.codename".
	AllPermissions(ctx context.Context) ([]string, error)
}

// SessionJoiner is implemented by Users that can read a user in the query that reads the session:
// see usertable.WithJoin.
type SessionJoiner interface {
	// JoinSession returns a context for one request. If a session that is loaded with it brings
	// its user along, ByID may return them in that context instead of a fresh one.
	JoinSession(ctx context.Context) context.Context
}

// ReadText is a ReadID for primary keys that are text.
func ReadText(v serializer.Value) (id string, ok bool) {
	if v.Kind() != serializer.String || v.Decode(&id) != nil || !utf8.ValidString(id) {
		return "", false
	}
	return id, id != ""
}
