package managepy_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/internal/managepy"
	"github.com/djsession/djsession/internal/testenv"
)

func start(t *testing.T, d testenv.Django, manage string, env ...string) *managepy.Project {
	t.Helper()
	p, err := managepy.Start(t.Context(), managepy.Options{Manage: manage, Python: d.Python, Env: env})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

type args map[string]any

func call[T any](t *testing.T, p *managepy.Project, method string, a args) T {
	t.Helper()
	var result T
	if err := p.Call(t.Context(), method, a, &result); err != nil {
		t.Fatal(err)
	}
	return result
}

type made struct{ Key, Cookie string }

type loaded struct {
	Found, Corrupted bool
	Data             string
	Others           map[string]string
	Age              int64
	BrowserClose     bool `json:"browser_close"`
}

type user struct {
	ID, Username  string
	Authenticated bool
}

// TestEveryDjango: each Django starts and answers, although its settings print, and leave a
// line unfinished.
func TestEveryDjango(t *testing.T) {
	for _, d := range testenv.Djangos(t) {
		t.Run(d.Name, func(t *testing.T) {
			t.Parallel()
			p := start(t, d, d.Project(t, `print("hello"); print("unfinished", end="")`, nil))
			if p.Info.Django != d.Version || p.Info.Python != d.PythonVersion || p.Info.SettingsModule != "mysite.settings" {
				t.Errorf("%+v", p.Info)
			}
			const data = `{"z": 1.0, "a": 1, "big": 1180591620717411303424, "nan": NaN, "s": "\ud800\u00e9", "l": [null, true, {"k": "v"}]}`
			key := call[made](t, p, "session_create", args{"data": data, "expiry": 60}).Key
			got := call[loaded](t, p, "session_load", args{"key": key})
			want := strings.TrimSuffix(data, "}") + `, "_session_expiry": 60}`
			if !got.Found || got.Corrupted || got.Data != want || len(got.Others) != 0 || got.Age != 60 || got.BrowserClose {
				t.Errorf("%+v", got)
			}
			call[made](t, p, "session_set", args{"key": key, "data": args{"a": "β"}})
			call[made](t, p, "session_unset", args{"key": key, "names": []string{"z", "big", "nan", "s", "l", "_session_expiry"}})
			if got := call[loaded](t, p, "session_load", args{"key": key}); got.Data != `{"a": "\u03b2"}` {
				t.Errorf("%+v", got)
			}
			call[any](t, p, "session_delete", args{"key": key})
			if call[bool](t, p, "session_exists", args{"key": key}) || call[loaded](t, p, "session_load", args{"key": key}).Found {
				t.Error("a deleted session is there")
			}
			old := call[made](t, p, "session_create", args{"data": args{"a": 1}, "expiry": -60}).Key
			if call[loaded](t, p, "session_load", args{"key": old}).Found {
				t.Error("an expired session is there")
			}
			logIn(t, p)
		})
	}
}

func logIn(t *testing.T, p *managepy.Project) {
	t.Helper()
	call[user](t, p, "user_store", args{"username": "ann", "fields": args{"email": "ann@example.org"}})
	anonymous := call[made](t, p, "session_create", args{"data": args{"cart": 1}}).Key
	login := call[made](t, p, "login", args{"username": "ann", "key": anonymous})
	if login.Key == anonymous || login.Cookie != "sessionid" {
		t.Errorf("%+v", login)
	}
	if who := call[user](t, p, "whoami", args{"key": login.Key}); who != (user{"1", "ann", true}) {
		t.Errorf("%+v", who)
	}
	call[any](t, p, "user_set_password", args{"username": "ann", "password": "new"})
	if who := call[user](t, p, "whoami", args{"key": login.Key}); who.Authenticated {
		t.Errorf("%+v", who)
	}
	again := call[made](t, p, "login", args{"username": "ann"}).Key
	call[made](t, p, "logout", args{"key": again})
	if call[bool](t, p, "session_exists", args{"key": again}) {
		t.Error("a session is there after its logout")
	}
}

// TestErrors: an exception has its type, and calls after it are answered.
func TestErrors(t *testing.T) {
	d := testenv.NewestDjango(t)
	p := start(t, d, d.Project(t, "", nil))
	for method, want := range map[string]string{"session_set": "LookupError", "nonsense": "LookupError", "user_store": "TypeError"} {
		err := p.Call(t.Context(), method, args{"key": "nosuchkey", "data": args{}}, nil)
		var remote *managepy.RemoteError
		if !errors.As(err, &remote) || remote.Type != want || !strings.Contains(remote.Traceback, want) {
			t.Errorf("%s: %v", method, err)
		}
	}
	var raw json.RawMessage
	if err := p.Call(t.Context(), "info", nil, &raw); err != nil || !strings.Contains(string(raw), d.Version) {
		t.Error(string(raw), err)
	}
}

// TestDoesNotStart: our sentence comes first, then the end of what Django printed.
func TestDoesNotStart(t *testing.T) {
	d := testenv.NewestDjango(t)
	dir := t.TempDir()
	d.Run(t, dir, "-m", "django", "startproject", "mysite", dir)
	manage := filepath.Join(dir, "manage.py")
	broken := "SECRET = 'not to be shown'\nraise RuntimeError('the settings ' + 'are broken')\n"
	if err := os.WriteFile(filepath.Join(dir, "mysite", "settings.py"), []byte(broken), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := managepy.Start(t.Context(), managepy.Options{Manage: manage, Python: d.Python})
	if err == nil {
		t.Fatal("it started")
	}
	first, rest, _ := strings.Cut(err.Error(), "\n")
	if !strings.Contains(first, manage+" does not start with "+d.Python) || !strings.HasSuffix(rest, "\n  RuntimeError: the settings are broken") || len(rest) > 4000 {
		t.Error(err)
	}
	if strings.Contains(err.Error(), "not to be shown") {
		t.Error("the error shows another line of the settings")
	}
}

// TestEnds: a process ends with its context and with Close, and a call says so.
func TestEnds(t *testing.T) {
	d := testenv.NewestDjango(t)
	manage := d.Project(t, "", nil)
	ctx, cancel := context.WithCancel(t.Context())
	killed, err := managepy.Start(ctx, managepy.Options{Manage: manage, Python: d.Python})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	closed := start(t, d, manage)
	if err := errors.Join(closed.Close(), closed.Close()); err != nil {
		t.Error(err)
	}
	for _, p := range []*managepy.Project{killed, closed} {
		select {
		case <-p.Ended():
		case <-time.After(time.Minute):
			t.Fatal("it runs on")
		}
		if err := p.Call(t.Context(), "info", nil, nil); !errors.Is(err, managepy.ErrEnded) {
			t.Error(err)
		}
	}
}

// slowEngine is a session engine that does not find a session within a day.
const slowEngine = `
import time
from django.contrib.sessions.backends.db import SessionStore as DBStore

class SessionStore(DBStore):
    def load(self):
        time.sleep(86400)
`

// TestCallEnds: a call ends with its context, and takes the process with it, unless it had
// not begun.
func TestCallEnds(t *testing.T) {
	d := testenv.NewestDjango(t)
	p := start(t, d, d.Project(t, `SESSION_ENGINE = "mysite.slow"`, map[string]string{"mysite/slow.py": slowEngine}))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.Call(ctx, "info", nil, nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	call[map[string]any](t, p, "info", nil)
	ctx, cancel = context.WithTimeout(t.Context(), time.Second) // in which even a busy machine begins the call
	defer cancel()
	if err := p.Call(ctx, "session_load", args{"key": "abcdefgh"}, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	<-p.Ended()
	if err := p.Call(t.Context(), "info", nil, nil); !errors.Is(err, managepy.ErrEnded) {
		t.Error(err)
	}
}

// A project that waits, for an answer at the terminal for instance, is given up on.
func TestDoesNotAnswer(t *testing.T) {
	d := testenv.NewestDjango(t)
	manage := d.Project(t, "import os\nif os.environ.get('ASK'): input('name? ')\n", nil)
	_, err := managepy.Start(t.Context(), managepy.Options{Manage: manage, Python: d.Python, Env: []string{"ASK=1"}, StartTimeout: time.Second})
	if err == nil || !strings.Contains(err.Error(), manage+" does not answer within 1s: it may wait for input") {
		t.Errorf("%v", err)
	}
}
