package testenv

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/djsession/djsession/fixtures"
	"github.com/djsession/djsession/internal/managepy"
)

// Args are the arguments of a call, by the names in python/methods.py.
type Args map[string]any

// Ask calls a worker and fails the test if the call fails. A test with a Django that is too new for
// the server in InsteadVariable is skipped.
//
//	row := testenv.Ask[testenv.Row](t, worker, "create", testenv.Args{"values": values})
func Ask[Result any](t testing.TB, w *Worker, method string, args Args) Result {
	t.Helper()
	var result Result
	if err := w.Call(method, args, &result); err != nil {
		if os.Getenv(InsteadVariable) != "" && strings.Contains(err.Error(), "or later is required (found") {
			t.Skip(err)
		}
		var raised *managepy.RemoteError
		if errors.As(err, &raised) {
			t.Fatalf("%v\n%s", err, raised.Traceback)
		}
		t.Fatal(err)
	}
	return result
}

// Tell is Ask for a call without a result.
func Tell(t testing.TB, w *Worker, method string, args Args) {
	t.Helper()
	Ask[any](t, w, method, args)
}

// Row is a row of django_session.
type Row struct {
	SessionKey  string `json:"session_key"`
	SessionData string `json:"session_data"`
	// ExpireDate is the date as Django reads it, in ISO 8601; without an offset if USE_TZ
	// is off.
	ExpireDate string `json:"expire_date"`
	// ExpireDateText is the date as the database shows it as text.
	ExpireDateText string `json:"expire_date_text"`
}

// Loaded is what Django's SessionStore loads for a session key.
type Loaded struct {
	Found  bool           `json:"found"` // false also when expired
	Values fixtures.Value `json:"values"`
	Error  string         `json:"error"` // class of the exception that loading raised, or ""
	Expiry Expiry         `json:"expiry"`
}

// Expiry is what a session's get_expiry_age, get_expiry_date and
// get_expire_at_browser_close say.
type Expiry = fixtures.Expiry

// Verdict is the result of Django's decode for a session's text.
type Verdict struct {
	Verdict   string         `json:"verdict"` // one of fixtures.OK, ...
	Value     fixtures.Value `json:"value"`
	Exception string         `json:"exception"`
}

// RandomSession is a session that a worker made up and stored.
type RandomSession struct {
	Row    Row            `json:"row"`
	Values fixtures.Value `json:"values"`
}

// Result is the result of a session operation: a value, or the class of an exception.
type Result struct {
	Value fixtures.Value `json:"value"`
	Error string         `json:"error"`
}

// Changed is the state after a program of session operations.
type Changed struct {
	SessionKey string   `json:"session_key"` // "" if the session has none
	Results    []Result `json:"results"`
	Row        *Row     `json:"row"`
}

// Response is Django's response to a request, after the session middleware.
type Response struct {
	Status    int         `json:"status"`
	Headers   [][2]string `json:"headers"` // names and values, each cookie in its own Set-Cookie
	Results   []Result    `json:"results"`
	Exception string      `json:"exception"` // class of what became a 400 or a 500, or ""
}

// Header returns all values of a header, in order. The name is as Django writes it.
func (r Response) Header(name string) []string {
	var values []string
	for _, header := range r.Headers {
		if header[0] == name {
			values = append(values, header[1])
		}
	}
	return values
}
