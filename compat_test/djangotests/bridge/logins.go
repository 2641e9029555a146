package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/usertable"
)

// modelSpec is a user model.
type modelSpec struct {
	Table   string            `json:"table"`
	Model   string            `json:"model"`
	Key     string            `json:"key"`
	Columns usertable.Columns `json:"columns"`
}

// authArgs are the arguments of the calls about logins.
type authArgs struct {
	Model    modelSpec               `json:"model"`
	Hashing  hashSpec                `json:"hashing"`
	Own      map[string]auth.Backend `json:"own_backends"`
	Database string                  `json:"database"`

	Request  int      `json:"request"`
	ID       string   `json:"id"`       // of a user, or ""
	Inactive bool     `json:"inactive"` // is_active is false, and not a column
	Backend  string   `json:"backend"`
	Username string   `json:"username"`
	Password []byte   `json:"password"`
	Perms    []string `json:"perms"`

	HTTP     httpArgs `json:"http"`
	LoginURL string   `json:"login_url"`
}

// loginsOf are the logins of a site with one user model.
type loginsOf struct {
	*auth.Logins
	users    *usertable.Table
	inMemory *auth.Logins // by the site's sessions in memory; they do not record last_login
	opts     []auth.Option
}

// inactiveUsers are users of a model on which is_active is False and not a column.
type inactiveUsers struct{ *usertable.Table }

func (t inactiveUsers) ByID(ctx context.Context, id string) (auth.User, error) {
	u, err := t.Table.ByID(ctx, id)
	u.IsActive = false
	return u, err
}

// readableUsers are what the table implements and a login only reads.
type readableUsers interface {
	auth.Users
	auth.PermissionLister
	auth.AllPermissionsLister
}

// withoutLastLogin hides that the users record last_login.
func withoutLastLogin(users readableUsers) auth.Users { return struct{ readableUsers }{users} }

// withLogins returns an operation on the logins that the call names.
func withLogins(f func(*call, *authArgs, *loginsOf) (any, error)) operation {
	return func(c *call) (any, error) {
		a := argsOf[authArgs](c)
		l, err := c.logins(a)
		if err != nil {
			return nil, err
		}
		return f(c, a, l)
	}
}

func (c *call) logins(a *authArgs) (*loginsOf, error) {
	s := c.site()
	name := string(must(json.Marshal([]any{a.Model, a.Hashing, a.Own, a.Database})))
	if l := s.logins[name]; l != nil {
		return l, nil
	}
	db, err := database(a.Database)
	if err != nil {
		return nil, err
	}
	keys := map[string]usertable.Key{"integer": usertable.Integer, "uuid": usertable.UUID, "text": usertable.Text}
	key, ok := keys[a.Model.Key]
	if !ok {
		fail("no such key: %q", a.Model.Key)
	}
	users, err := usertable.Open(db, s.sessions, usertable.WithTable(a.Model.Table), usertable.WithModel(a.Model.Model),
		usertable.WithKey(key), usertable.WithColumns(a.Model.Columns))
	if err != nil {
		return nil, err
	}
	h, err := a.Hashing.open(&recordLog{})
	if err != nil {
		return nil, err
	}
	opts := []auth.Option{auth.WithFlush(), auth.WithHashers(h), auth.WithLogger(slog.New(&recordLog{}))}
	for path, b := range a.Own {
		opts = append(opts, auth.WithBackend(path, b))
	}
	l := &loginsOf{users: users, opts: opts}
	if l.Logins, err = auth.New(s.sessions, users, opts...); err != nil {
		return nil, err
	}
	if l.inMemory, err = auth.New(s.inMemory, withoutLastLogin(users), opts...); err != nil {
		return nil, err
	}
	s.logins[name] = l
	return l, nil
}

func userOut(u auth.User) any {
	if !u.IsAuthenticated() {
		return nil
	}
	last := ""
	if !u.LastLogin.IsZero() {
		last = u.LastLogin.UTC().Format("2006-01-02T15:04:05.000000+00:00")
	}
	return map[string]any{"id": u.ID, "username": u.Username, "password": u.Password, "is_active": u.IsActive, "is_staff": u.IsStaff,
		"is_superuser": u.IsSuperuser, "backend": u.Backend, "last_login": last}
}

// user returns the user that the call names, as Go finds them in the table.
func (l *loginsOf) user(c *call, a *authArgs) (auth.User, error) {
	if a.ID == "" {
		return auth.User{}, nil
	}
	u, err := l.users.ByID(c.ctx(), a.ID)
	u.Backend = a.Backend
	u.IsActive = u.IsActive && !a.Inactive
	return u, err
}

// followed are the live requests within the middleware of logins.
var followed = map[string]*http.Request{}

// live returns a request of live within the middleware of l.
func (l *loginsOf) live(id int) *http.Request {
	q := live[id]
	if q == nil {
		fail("request %d is not in a view", id)
	}
	name := fmt.Sprintf("%d %p", id, l)
	if r := followed[name]; r != nil {
		return r
	}
	l.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { followed[name] = r })).ServeHTTP(nil, q.r)
	return followed[name]
}
