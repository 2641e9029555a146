package usertable

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/internal/sqldb"
)

// maxPassword is the max_length of Django's password field.
const maxPassword = 128

// SetPassword implements auth.PasswordSetter in one statement, which compares and writes. A
// password that is too long for the column is an error. MySQL may only cut it off, so there more
// than the 128 characters of Django's own column are an error.
func (t *Table) SetPassword(ctx context.Context, id, old, encoded string) (done bool, err error) {
	key, ok := t.opts.key.param(id)
	if !ok {
		return false, nil
	}
	mysql := t.db.Dialect == sqldb.MySQL
	if n := utf8.RuneCountInString(encoded); mysql && n > maxPassword {
		return false, fmt.Errorf("usertable: set password: the encoded password has %d characters, and Django's column holds %d; give the hasher other parameters", n, maxPassword)
	}
	update, matches, compared := t.q.setPassword, t.q.exists, []any(nil)
	if old != "" {
		update, matches, compared = t.q.swapPassword, t.q.matches, []any{old}
	}
	defer t.writes.Add(1)
	n, err := t.db.Exec(ctx, update, append([]any{encoded, key}, compared...)...)
	// By default MySQL does not count a row that an update left as it was.
	if err == nil && n == 0 && mysql && (old == "" || old == encoded) {
		err = t.db.Row(ctx, matches, append([]any{key}, compared...), &n)
	}
	return n > 0, t.fail("set password", err, tableHint)
}

// SetLastLogin implements auth.LoginRecorder. It returns auth.ErrNoUser if there is no such
// user, and does nothing if the model has no last_login.
func (t *Table) SetLastLogin(ctx context.Context, id string, at time.Time) error {
	if t.opts.columns.LastLogin == "" {
		return nil
	}
	key, ok := t.opts.key.param(id)
	if !ok {
		return auth.ErrNoUser
	}
	defer t.writes.Add(1)
	n, err := t.db.Exec(ctx, t.q.setLastLogin, t.clock.Param(at), key)
	if err == nil && n == 0 && t.db.Dialect == sqldb.MySQL { // see SetPassword
		err = t.db.Row(ctx, t.q.exists, []any{key}, &n)
	}
	if err == nil && n == 0 {
		return auth.ErrNoUser
	}
	return t.fail("set last login", err, tableHint)
}
