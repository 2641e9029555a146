package auth_test

import (
	"context"
	"encoding/json"
	"sync/atomic"
	"testing"
	"time"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/serializer"
)

// watched counts and fails a table's questions.
type watched struct {
	*usertable.Table
	asked, perms atomic.Int32
	fail         error // of every question
	failRecord   error // of SetLastLogin
	failSet      error // of SetPassword
	before       func()
	patient      bool // asks on when the context has ended
}

func (w *watched) ByID(ctx context.Context, id string) (auth.User, error) {
	w.asked.Add(1)
	if w.fail != nil {
		return auth.User{}, w.fail
	}
	return w.Table.ByID(ctx, id)
}

func (w *watched) ByUsername(ctx context.Context, name string) (auth.User, error) {
	w.asked.Add(1)
	if w.fail != nil {
		return auth.User{}, w.fail
	}
	if w.patient {
		ctx = context.WithoutCancel(ctx)
	}
	return w.Table.ByUsername(ctx, name)
}

func (w *watched) SetLastLogin(ctx context.Context, id string, at time.Time) error {
	if w.failRecord != nil {
		return w.failRecord
	}
	return w.Table.SetLastLogin(ctx, id, at)
}

func (w *watched) SetPassword(ctx context.Context, id, old, encoded string) (bool, error) {
	if w.before != nil {
		w.before()
	}
	if w.failSet != nil {
		return false, w.failSet
	}
	return w.Table.SetPassword(ctx, id, old, encoded)
}

func (w *watched) Permissions(ctx context.Context, id string) ([]string, error) {
	w.perms.Add(1)
	return w.Table.Permissions(ctx, id)
}

// onlyUsers are Users without the optional methods.
type onlyUsers struct{ users auth.Users }

func (o onlyUsers) ByID(ctx context.Context, id string) (auth.User, error) {
	return o.users.ByID(ctx, id)
}

func (o onlyUsers) ByUsername(ctx context.Context, name string) (auth.User, error) {
	return o.users.ByUsername(ctx, name)
}

func (o onlyUsers) ReadID(v serializer.Value) (string, bool) { return auth.ReadText(v) }

func TestReadText(t *testing.T) {
	for text, want := range map[string]string{`"7b1c"`: "7b1c", `""`: "", `7`: "", `null`: "", `"\ud800"`: ""} {
		v, err := serializer.Encode(json.RawMessage(text))
		if err != nil {
			t.Fatal(err)
		}
		if id, ok := auth.ReadText(v); id != want || ok != (want != "") {
			t.Errorf("%s: %q, %t", text, id, ok)
		}
	}
}
