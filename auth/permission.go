package auth

import (
	"context"
	"net/http"
)

// Permissions returns the user's permissions, his own and those of his groups, as
// "app_label.codename": none if he is anonymous or not active. Those of a
// superuser, who has every permission, are not listed; ask HasPerm. The error is
// that of the Users, or [ErrNoPermissions]. Django's get_all_permissions.
func (l *Logins) Permissions(ctx context.Context, u User) ([]string, error) {
	if !u.IsAuthenticated() || !u.IsActive {
		return nil, nil
	}
	lister, ok := l.users.(PermissionLister)
	if !ok {
		return nil, ErrNoPermissions
	}
	return lister.Permissions(ctx, u.ID)
}

// HasPerm reports whether the request's user has all of these permissions, each
// as "app_label.codename": an active superuser has every one, an anonymous or
// inactive user none. They are looked up once for a request. Django's has_perms.
func (l *Logins) HasPerm(r *http.Request, perms ...string) (bool, error) {
	q, err := l.request(r)
	if err != nil {
		return false, err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	u, err := l.userOf(q, r)
	if err != nil {
		return false, err
	}
	if !u.IsAuthenticated() || !u.IsActive {
		return false, nil
	}
	if u.IsSuperuser {
		return true, nil
	}
	if q.perms == nil {
		ctx, cancel := l.withTimeout(r)
		defer cancel()
		all, err := l.Permissions(ctx, u)
		if err != nil {
			return false, err
		}
		q.perms = make(map[string]bool, len(all))
		for _, p := range all {
			q.perms[p] = true
		}
	}
	for _, p := range perms {
		if !q.perms[p] {
			return false, nil
		}
	}
	return true, nil
}
