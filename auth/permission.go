package auth

import (
	"context"
	"net/http"
)

// Permissions returns the user's permissions, their own and those of their groups, as
// "app_label.codename": none if the user is anonymous or not active. A superuser has all
// there are, if the Users implement [AllPermissionsLister]. The error is that of the Users,
// who are asked no longer than the sessions' timeout allows, or [ErrNoPermissions]. Django's
// get_all_permissions.
func (l *Logins) Permissions(ctx context.Context, u User) ([]string, error) {
	if !u.IsAuthenticated() || !u.IsActive {
		return nil, nil
	}
	ctx, cancel := l.withTimeout(ctx)
	defer cancel()
	if all, ok := l.users.(AllPermissionsLister); ok && u.IsSuperuser {
		return all.AllPermissions(ctx)
	}
	lister, ok := l.users.(PermissionLister)
	if !ok {
		return nil, ErrNoPermissions
	}
	return lister.Permissions(ctx, u.ID)
}

// UserHasPerm reports whether u has all of these permissions, each as
// "app_label.codename": an active superuser has every one, an anonymous or inactive user
// none. The error is as [Logins.Permissions]'. Django's has_perms; for the user of a request
// it is [Logins.HasPerm].
func (l *Logins) UserHasPerm(ctx context.Context, u User, perms ...string) (bool, error) {
	if all, decided := flagsDecide(u); decided {
		return all, nil
	}
	has, err := l.permissionSet(ctx, u)
	return err == nil && hasAll(has, perms), err
}

// HasPerm is [Logins.UserHasPerm] of the request's user. The permissions are looked up
// once for a request.
func (l *Logins) HasPerm(r *http.Request, perms ...string) (bool, error) {
	q, err := l.request(r.Context())
	if err != nil {
		return false, err
	}
	u, err := l.User(r)
	if err != nil {
		return false, err
	}
	if all, decided := flagsDecide(u); decided {
		return all, nil
	}
	if has := q.permissions(); has != nil {
		return hasAll(has, perms), nil
	}
	var has map[string]bool
	err = l.inTurn(r.Context(), q, func(ctx context.Context) error {
		if has = q.permissions(); has != nil {
			return nil
		}
		// Once more: another goroutine may have logged somebody in.
		u, err := l.userOf(ctx, q)
		if err != nil {
			return err
		}
		if has, err = l.permissionSet(ctx, u); err == nil {
			q.setPermissions(has)
		}
		return err
	})
	return err == nil && hasAll(has, perms), err
}

// flagsDecide tells whether a user's flags decide about every permission, and how.
func flagsDecide(u User) (all, decided bool) {
	active := u.IsAuthenticated() && u.IsActive
	return active && u.IsSuperuser, !active || u.IsSuperuser
}

func (l *Logins) permissionSet(ctx context.Context, u User) (map[string]bool, error) {
	all, err := l.Permissions(ctx, u)
	if err != nil {
		return nil, err
	}
	has := make(map[string]bool, len(all))
	for _, p := range all {
		has[p] = true
	}
	return has, nil
}

func hasAll(has map[string]bool, perms []string) bool {
	for _, p := range perms {
		if !has[p] {
			return false
		}
	}
	return true
}

// permissions returns those of the request's user, nil if they were not looked up yet.
func (q *request) permissions() map[string]bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.perms
}

func (q *request) setPermissions(perms map[string]bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.perms = perms
}
