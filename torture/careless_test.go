package torture

import (
	"context"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/serializer"
)

// carelessly is a writer without compare-and-swap: it loads the session, and later writes
// it back as a whole.
func carelessly(ctx context.Context, db *sqlx.DB, codec *django.Codec, key, name string, n int) error {
	var text string
	if err := db.GetContext(ctx, &text, db.Rebind("SELECT session_data FROM django_session WHERE session_key = ?"), key); err != nil {
		return err
	}
	data, err := codec.Decode(ctx, text)
	if err != nil {
		return err
	}
	for key, v := range map[string]any{name: n, by: name} {
		value, err := serializer.Encode(v)
		if err != nil {
			return err
		}
		data.Set(key, value)
	}
	if text, err = codec.Encode(ctx, data); err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, db.Rebind("UPDATE django_session SET session_data = ? WHERE session_key = ?"), text, key)
	return err
}

// carelessGo tests the audit: it finds what careless writers lose.
func carelessGo(t *testing.T, a *arena) {
	a.refresh(t)
	orders := a.orders(careless)
	for i := range orders {
		orders[i].DSN = a.database.DSN(append(a.parameters, "_pragma=busy_timeout(30000)")...)
	}
	processes := start(t, orders...)
	for _, p := range processes {
		p.begin(t)
	}
	time.Sleep(current.locked)
	for _, p := range processes {
		p.end(t)
	}
	v := verdict{audit: newAudit(len(a.keys))}
	a.follow(t, &v)
	if v.lostToGo[ofGo] == 0 {
		t.Errorf("of %d careless writes none was found lost", v.stored[ofGo])
	}
}
