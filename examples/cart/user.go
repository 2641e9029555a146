package main

import (
	"context"
	"database/sql"
	"errors"

	"github.com/djsession/djsession/django"
)

// username returns the name of who is logged in, empty if nobody is.
//
// It is good enough to greet somebody, and for nothing else: whether the login
// still holds depends on _auth_user_hash as well, which changes with the user's
// password. A service that shows or does what only this user may has to check it.
func (s *service) username(ctx context.Context, session *django.Session) (string, error) {
	id, err := django.Value(session, "_auth_user_id", "")
	if err != nil || id == "" {
		return "", err
	}
	var name string
	err = s.db.GetContext(ctx, &name, "SELECT username FROM auth_user WHERE id = ? AND is_active", id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return name, err
}
