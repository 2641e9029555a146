package djangotest

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/hashers"
	"github.com/djsession/djsession/serializer"
)

// users are auth.Users in memory. Their primary keys count from 1.
type users struct {
	mu          sync.Mutex
	made        int // how many IDs were given out
	rows        []auth.User
	permissions map[string][]string
}

var (
	_ auth.PasswordSetter   = (*users)(nil)
	_ auth.LoginRecorder    = (*users)(nil)
	_ auth.PermissionLister = (*users)(nil)
)

func newUsers() *users { return &users{permissions: map[string][]string{}} }

func (us *users) add(username string, change ...func(*auth.User)) (auth.User, error) {
	us.mu.Lock()
	us.made++
	id := strconv.Itoa(us.made)
	us.mu.Unlock()
	u := auth.User{ID: id, Username: username, Password: hashers.Unusable(), IsActive: true}
	for _, f := range change {
		f(&u)
	}
	us.mu.Lock()
	defer us.mu.Unlock()
	if slices.ContainsFunc(us.rows, func(other auth.User) bool { return other.ID == u.ID || other.Username == u.Username }) {
		return auth.User{}, errors.New("there is a user with this name or ID")
	}
	us.rows = append(us.rows, u)
	return u, nil
}

func (us *users) grant(id string, permissions []string) {
	us.mu.Lock()
	defer us.mu.Unlock()
	us.permissions[id] = append(us.permissions[id], permissions...)
}

// find returns the first user who matches, for reading or changing with mu held.
func (us *users) find(matches func(auth.User) bool) *auth.User {
	if i := slices.IndexFunc(us.rows, matches); i >= 0 {
		return &us.rows[i]
	}
	return nil
}

func hasID(id string) func(auth.User) bool { return func(u auth.User) bool { return u.ID == id } }

func (us *users) get(ctx context.Context, matches func(auth.User) bool) (auth.User, error) {
	us.mu.Lock()
	defer us.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return auth.User{}, err
	}
	if u := us.find(matches); u != nil {
		return *u, nil
	}
	return auth.User{}, auth.ErrNoUser
}

// ByID implements auth.Users.
func (us *users) ByID(ctx context.Context, id string) (auth.User, error) {
	return us.get(ctx, hasID(id))
}

// ByUsername implements auth.Users.
func (us *users) ByUsername(ctx context.Context, username string) (auth.User, error) {
	return us.get(ctx, func(u auth.User) bool { return u.Username == username })
}

// ReadID implements auth.Users.
func (us *users) ReadID(v serializer.Value) (string, bool) { return auth.ReadText(v) }

// SetPassword implements auth.PasswordSetter.
func (us *users) SetPassword(_ context.Context, id, old, encoded string) (bool, error) {
	us.mu.Lock()
	defer us.mu.Unlock()
	u := us.find(hasID(id))
	if u == nil || old != "" && old != u.Password {
		return false, nil
	}
	u.Password = encoded
	return true, nil
}

// SetLastLogin implements auth.LoginRecorder.
func (us *users) SetLastLogin(_ context.Context, id string, at time.Time) error {
	us.mu.Lock()
	defer us.mu.Unlock()
	if u := us.find(hasID(id)); u != nil {
		u.LastLogin = at
	}
	return nil
}

// Permissions implements auth.PermissionLister.
func (us *users) Permissions(_ context.Context, id string) ([]string, error) {
	us.mu.Lock()
	defer us.mu.Unlock()
	return slices.Clone(us.permissions[id]), nil
}
