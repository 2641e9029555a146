package dbstore

import (
	"context"
	"fmt"
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

// WithUserSessions is for a site with django-user-sessions (SESSION_ENGINE =
// "user_sessions.backends.db"): the table user_sessions_session, whose column user_id follows
// the login and whose last_activity is the time of each save. user_agent and ip are those of
// [WithClient]; without it a new session has NULL there, and an old one keeps what it has.
// [WithExtraColumns] adds to these columns, and [WithTable] names another table.
//
// Its migrations allow NULL since version 1.4. Settings.SessionStoreClass stays as it is.
func WithUserSessions() Option {
	return withModel(func(now func() time.Time) model {
		return model{
			table:   "user_sessions_session",
			columns: []string{"user_id", "user_agent", "last_activity", "ip"},
			extra: func(ctx context.Context, data *serializer.Dict) (map[string]any, error) {
				columns := map[string]any{"last_activity": now()}
				if c, ok := ctx.Value(clientKey{}).(Client); ok {
					c.write(columns, 200)
				}
				return columns, writeUser(columns, data)
			},
		}
	})
}

// WithQSessions is for a site with django-qsessions (SESSION_ENGINE =
// "qsessions.backends.db"): the table qsessions_session, whose column user_id follows the login
// and whose created_at and updated_at are the times of the first and of each save. user_agent
// and ip are those of [WithClient]; without it they are what Django put into the session's data,
// if anything, or else as with [WithUserSessions]. [WithExtraColumns] adds to these columns, and
// [WithTable] names another table.
//
// Settings.SessionStoreClass stays as it is.
func WithQSessions() Option {
	return withModel(func(now func() time.Time) model {
		return model{
			table:   "qsessions_session",
			columns: []string{"user_id", "user_agent", "created_at", "updated_at", "ip"},
			extra: func(ctx context.Context, data *serializer.Dict) (map[string]any, error) {
				at := now()
				columns := map[string]any{"created_at": OnCreate(at), "updated_at": at}
				if c, ok := ctx.Value(clientKey{}).(Client); ok {
					c.write(columns, qsessionsAgent)
				} else {
					writeQSessionsClient(columns, data)
				}
				return columns, writeUser(columns, data)
			},
		}
	})
}

func withModel(m func(now func() time.Time) model) Option {
	return func(o *options) { o.model = m }
}

// qsessionsAgent is the length of qsessions' user_agent.
const qsessionsAgent = 300

// writeQSessionsClient sets the columns for what django-qsessions keeps in the data, as far
// as it is of the type that it writes there.
func writeQSessionsClient(columns map[string]any, data *serializer.Dict) {
	read := func(key string) (text *string, ok bool) {
		v, ok := data.Get(key)
		return text, ok && v.Decode(&text) == nil
	}
	if agent, ok := read("_qsessions_user_agent"); ok {
		columns["user_agent"] = nil
		if agent != nil {
			columns["user_agent"] = first(*agent, qsessionsAgent)
		}
	}
	if ip, ok := read("_qsessions_ip"); ok {
		if ip == nil {
			columns["ip"] = nil
		} else if addr, err := netip.ParseAddr(*ip); err == nil {
			columns["ip"] = addr.WithZone("").String()
		}
	}
}

func writeUser(columns map[string]any, data *serializer.Dict) (err error) {
	if columns["user_id"], err = UserID(data); err != nil {
		return fmt.Errorf("user_id: %w", err)
	}
	return nil
}
