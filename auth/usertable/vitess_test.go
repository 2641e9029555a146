package usertable_test

import (
	"testing"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/internal/testenv"
)

// TestVitess: users in two shards are found, changed and read along with their sessions, which may
// be in the other shard.
func TestVitess(t *testing.T) {
	testenv.MatrixOnly(t)
	d := servers.Vitess(t)
	fillUsers(t, d) // a unique index holds in each shard only
	d.CreateSessionTable(t)
	t.Run("password", func(t *testing.T) { setsPasswords(t, connect(t, d)) })
	// Prepared, the statement with both tables finds nothing.
	t.Run("login", func(t *testing.T) { logsInAlong(t, connect(t, d), 3) })
	t.Run("login without prepared statements", func(t *testing.T) { logsInAlong(t, connect(t, d, "interpolateParams=true"), 1) })
}

// logsInAlong logs both users in, and reads each of them together with the session in so many
// statements at most.
func logsInAlong(t *testing.T, db *sqlx.DB, most int) {
	site := newJoinSite(t, db, settings(), usertable.WithJoin())
	db.MustExec("UPDATE auth_user SET is_active = true WHERE id = 22")
	for range 10 { // sessions in both shards
		for _, id := range []string{"1", "22"} {
			key := site.login(t, id)
			for request := range 3 { // the user's id is known from the second on
				if u, statements, err := site.user(key); u.ID != id || err != nil || request > 0 && statements > most {
					t.Fatalf("user %q in %d statements, %v", u.ID, statements, err)
				}
			}
		}
	}
}
