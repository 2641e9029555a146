package auth

import (
	"context"
	"errors"
	"time"
	"unicode/utf8"

	"github.com/djsession/djsession/serializer"
)

// ErrNoUser: there is no such user.
var ErrNoUser = errors.New("auth: no such user")

// Users is where a site keeps its users: a table of Django's in package
// usertable, or an implementation of the service's own. Its methods must be safe for
// concurrent use. They run with no lock held and may log; only the user of the request
// that they are called for is not known yet, see [ErrReentrant].
//
// A User that they return has an ID, and the Password as it is stored now: without it a
// session would outlive a change of the password, so that is [ErrNoPassword]. IsActive must
// be set for a user who may log in. An error other than [ErrNoUser] means that the
// answer is unknown, and fails the request: the visitor is not treated as anonymous.
type Users interface {
	// ByID returns the user with this primary key, in the form of User.ID, or
	// ErrNoUser. Django's get(pk=id).
	ByID(ctx context.Context, id string) (User, error)

	// ByUsername returns the user of this name as the database compares names, or
	// ErrNoUser. Django's get_by_natural_key.
	ByUsername(ctx context.Context, username string) (User, error)

	// ReadID reads a session's _auth_user_id as the primary key's to_python does
	// and returns it in the form of User.ID; ok is false where Django would raise or
	// where no user can have it. [ReadText] does where keys are plain text.
	ReadID(v serializer.Value) (id string, ok bool)
}

// PasswordSetter is implemented by Users that can store a password.
type PasswordSetter interface {
	// SetPassword stores encoded as the password of the user with this id, unless
	// old is neither empty nor what is stored: done is then false, as it is if
	// there is no such user.
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

// AllPermissionsLister is implemented by Users that know every permission of the site,
// which are those of a superuser.
type AllPermissionsLister interface {
	// AllPermissions returns all permissions there are, as "app_label.codename".
	AllPermissions(ctx context.Context) ([]string, error)
}

// ReadText is a ReadID for primary keys that are text.
func ReadText(v serializer.Value) (id string, ok bool) {
	if v.Kind() != serializer.String || v.Decode(&id) != nil || !utf8.ValidString(id) {
		return "", false
	}
	return id, id != ""
}
