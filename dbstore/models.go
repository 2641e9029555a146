package dbstore

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"time"

	"github.com/djsession/djsession/serializer"
)

// model is a session model whose extra columns this package knows.
type model struct {
	table   string
	columns []string // that the table must have
	extra   ExtraColumns
}

var djangoSessions = model{table: "django_session"}

// WithUserSessions is for a site with django-user-sessions (SESSION_ENGINE =
// "user_sessions.backends.db"): the table user_sessions_session, whose column user_id
// follows the login and whose last_activity is the time of each save. user_agent and ip are
// those of [WithClient]; without it a new session has NULL there, and an old one keeps
// what it has. [WithExtraColumns] adds to these columns, and [WithTable] names another table.
//
// Its migrations allow NULL since version 1.4. Its SessionStore signs as Django's own
// does, so that Settings.SessionStoreClass stays as it is.
func WithUserSessions() Option {
	return func(o *options) {
		o.model = func(now func() time.Time) model {
			return model{
				table:   "user_sessions_session",
				columns: []string{"user_id", "user_agent", "last_activity", "ip"},
				extra: func(ctx context.Context, data *serializer.Dict) (map[string]any, error) {
					columns := map[string]any{}
					if c, ok := ctx.Value(clientKey{}).(Client); ok {
						columns = c.columns(200)
					}
					columns["last_activity"] = now()
					return withUser(columns, data)
				},
			}
		}
	}
}

// WithQSessions is for a site with django-qsessions and SESSION_ENGINE =
// "qsessions.backends.db": the table qsessions_session, whose column user_id follows the
// login and whose created_at and updated_at are the times of the first and of each save.
// user_agent and ip are those of [WithClient]; without it they are what Django put into the
// session's data, or, where it put nothing there, as with [WithUserSessions].
// [WithExtraColumns] adds to these columns, and [WithTable] names another table.
//
// Its SessionStore signs as Django's own does, so that Settings.SessionStoreClass stays
// as it is. "qsessions.backends.cached_db" is another engine: Django would go on reading its cache.
func WithQSessions() Option {
	return func(o *options) {
		o.model = func(now func() time.Time) model {
			return model{
				table:   "qsessions_session",
				columns: []string{"user_id", "user_agent", "created_at", "updated_at", "ip"},
				extra: func(ctx context.Context, data *serializer.Dict) (map[string]any, error) {
					columns := map[string]any{}
					if c, ok := ctx.Value(clientKey{}).(Client); ok {
						columns = c.columns(qsessionsAgent)
					} else {
						maps.Copy(columns, qsessionsClient(data))
					}
					at := now()
					columns["created_at"], columns["updated_at"] = OnCreate(at), at
					return withUser(columns, data)
				},
			}
		}
	}
}

// qsessionsAgent is the length of qsessions' user_agent.
const qsessionsAgent = 300

// qsessionsClient returns the columns for what django-qsessions keeps in the data. What is
// not of the kind that it writes there is left out.
func qsessionsClient(data *serializer.Dict) map[string]any {
	columns := map[string]any{}
	for key, column := range map[string]string{"_qsessions_user_agent": "user_agent", "_qsessions_ip": "ip"} {
		v, ok := data.Get(key)
		if !ok {
			continue
		}
		var text *string
		if v.Decode(&text) != nil {
			continue
		}
		switch {
		case text == nil:
			columns[column] = nil
		case column == "user_agent":
			columns[column] = first(*text, qsessionsAgent)
		default:
			if ip, err := netip.ParseAddr(*text); err == nil {
				columns[column] = ip.WithZone("").String()
			}
		}
	}
	return columns
}

func withUser(columns map[string]any, data *serializer.Dict) (map[string]any, error) {
	id, err := UserID(data)
	if err != nil {
		return nil, fmt.Errorf("user_id: %w", err)
	}
	columns["user_id"] = id
	return columns, nil
}
