package auth

import (
	"context"
	"net/http"
	"slices"
)

// Permissions returns the user's permissions, their own and those of their groups, as
// "app_label.codename": none if the user is anonymous or not active. A superuser has all
// permissions if the Users implement [AllPermissionsLister]. The error is that of the Users,
// or [ErrNoPermissions]. Django's get_all_permissions.
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
// none. The error is as for [Logins.Permissions]. Django's has_perms; for the user of a
// request it is [Logins.HasPerm].
func (l *Logins) UserHasPerm(ctx context.Context, u User, perms ...string) (bool, error) {
	if all, decided := flagsDecide(u); decided {
		return all, nil
	}
	has, err := l.permissionSet(ctx, u)
	return err == nil && hasAll(has, perms), err
}

// HasPerm is [Logins.UserHasPerm] of the request's user. The permissions are queried once per
// request.
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
	k, _ := q.get()
	if k.perms == nil {
		err = l.inTurn(r.Context(), q, func(ctx context.Context) error {
			// Again: another goroutine may have logged somebody in.
			u, err := l.userOf(ctx, q)
			if err != nil {
				return err
			}
			if k, _ = q.get(); k.perms == nil {
				if k.perms, err = l.permissionSet(ctx, u); err == nil {
					q.set(k)
				}
			}
			return err
		})
	}
	return err == nil && hasAll(k.perms, perms), err
}

// flagsDecide reports whether a user's flags decide about every permission, and how.
func flagsDecide(u User) (all, decided bool) {
	active := u.IsAuthenticated() && u.IsActive
	return active && u.IsSuperuser, !active || u.IsSuperuser
}

func (l *Logins) permissionSet(ctx context.Context, u User) (map[string]bool, error) {
	all, err := l.Permissions(ctx, u)
	has := make(map[string]bool, len(all))
	for _, p := range all {
		has[p] = true
	}
	return has, err
}

func hasAll(has map[string]bool, perms []string) bool {
	return !slices.ContainsFunc(perms, func(p string) bool { return !has[p] })
}
