package dbstore

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
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
	return withModel("user_sessions_session", 200, func(at time.Time, _ *serializer.Dict) map[string]any {
		return map[string]any{"last_activity": at}
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
	return withModel("qsessions_session", qsessionsAgent, func(at time.Time, data *serializer.Dict) map[string]any {
		columns := map[string]any{"created_at": OnCreate(at), "updated_at": at}
		maps.Copy(columns, qsessionsClient(data))
		return columns
	})
}

// withModel sets a model with the columns user_id, user_agent, ip and those that own returns.
func withModel(table string, agentLength int, own func(at time.Time, data *serializer.Dict) map[string]any) Option {
	return func(o *options) {
		o.model = func(now func() time.Time) model {
			names := slices.Sorted(maps.Keys(own(time.Time{}, new(serializer.Dict))))
			return model{table, append(names, "user_id", "user_agent", "ip"), func(ctx context.Context, data *serializer.Dict) (map[string]any, error) {
				id, err := UserID(data)
				if err != nil {
					return nil, fmt.Errorf("user_id: %w", err)
				}
				columns := own(now(), data)
				columns["user_id"] = id
				if c, ok := ctx.Value(clientKey{}).(Client); ok {
					c.write(columns, agentLength)
				}
				return columns, nil
			}}
		}
	}
}

// qsessionsAgent is the length of qsessions' user_agent.
const qsessionsAgent = 300

// qsessionsClient returns the columns for what django-qsessions keeps in the data. What is not
// of the type that it writes there is left out.
func qsessionsClient(data *serializer.Dict) map[string]any {
	columns := map[string]any{}
	for key, column := range map[string]string{"_qsessions_user_agent": "user_agent", "_qsessions_ip": "ip"} {
		var text *string
		if v, ok := data.Get(key); !ok || v.Decode(&text) != nil {
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
