package django_test

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// rawSite is a site behind a real server, to which a test writes bytes.
type rawSite struct {
	*site
	counted *testenv.Counting
	address string
	errors  *testenv.Log // of net/http, panics among them
}

func newRawSite(t *testing.T, change func(*django.Settings), h func(*rawSite, http.ResponseWriter, *http.Request)) *rawSite {
	t.Helper()
	st := &rawSite{site: newSite(t, change), errors: new(testenv.Log)}
	st.counted = &testenv.Counting{DB: st.db}
	sessions, err := django.New(st.Settings(), dbstore.New(st.counted), django.WithClock(func() time.Time { return st.now }),
		django.WithLogger(slog.New(slog.NewTextHandler(st.logs, nil))))
	must(t, err)
	st.Sessions = sessions
	server := httptest.NewUnstartedServer(sessions.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h(st, w, r) })))
	server.Config.ErrorLog = log.New(st.errors, "", 0)
	server.Start()
	t.Cleanup(func() {
		server.Close()
		if text := st.errors.String(); text != "" {
			t.Errorf("the server logged %q", text)
		}
	})
	st.address = server.Listener.Addr().String()
	return st
}

// ask sends a request with these header lines and returns the response.
func (st *rawSite) ask(headers string) *http.Response {
	st.t.Helper()
	conn, err := net.Dial("tcp", st.address)
	must(st.t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"+headers+"\r\n")
	must(st.t, err)
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	must(st.t, err)
	_, err = io.Copy(io.Discard, resp.Body)
	must(st.t, err)
	must(st.t, resp.Body.Close())
	return resp
}

// checkSetCookie: one cookie at most, short, and of harmless characters.
func checkSetCookie(t *testing.T, h http.Header) {
	t.Helper()
	lines := h["Set-Cookie"]
	if len(lines) > 1 {
		t.Errorf("%d cookies are set", len(lines))
	}
	for _, line := range lines {
		c, err := http.ParseSetCookie(line)
		if err != nil || c.Name != "sessionid" || len(line) > 300 {
			t.Errorf("a cookie of %d bytes is set, %v", len(line), err)
		} else if c.Value != "" && !isKey(c.Value) {
			t.Errorf("a cookie is set that is no key of ours")
		}
		if i := strings.IndexFunc(line, func(r rune) bool { return r < ' ' || r > '~' }); i >= 0 {
			t.Errorf("the cookie holds the character %q", line[i])
		}
	}
}

func isKey(s string) bool {
	return len(s) == 32 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}

// TestHostileCookies: nothing that a client writes into a Cookie header does more
// than name a session that is there, or none. queries is how many statements that
// may cost; 400 and 431 are the server's own answers. Since Go 1.27 net/http takes 500
// header lines at most.
func TestHostileCookies(t *testing.T) {
	one := "Cookie: sessionid=" + validKey + "\r\n"
	tests := []struct {
		name, headers string
		status        int
		found         bool
		queries       int32
	}{
		{"one", one, 200, true, 1},
		{"duplicates, the last is ours", "Cookie: sessionid=" + unknownKey + "; sessionid=" + validKey + "\r\n", 200, true, 1},
		{"duplicates, the first is ours", "Cookie: sessionid=" + validKey + "; sessionid=" + unknownKey + "\r\n", 200, false, 1},
		{"duplicates, the last is empty", "Cookie: sessionid=" + validKey + "; sessionid=\r\n", 200, false, 0},
		{"thousands of duplicates", "Cookie: " + strings.Repeat("sessionid="+unknownKey+"; ", 2000) + "sessionid=" + validKey + "\r\n", 200, true, 1},
		{"many header lines", strings.Repeat("Cookie: sessionid="+unknownKey+"\r\n", 400) + one, 200, true, 1},
		{"thousands of pairs", "Cookie: " + strings.Repeat("a=b; ", 20_000) + "sessionid=" + validKey + "\r\n", 200, true, 1},
		{"100 kB in one value", "Cookie: a=" + strings.Repeat("x", 100_000) + "; sessionid=" + validKey + "\r\n", 200, true, 1},
		{"100 kB of a key", "Cookie: sessionid=" + strings.Repeat("a", 100_000) + "\r\n", 200, false, 0},
		{"100 kB of quotes", "Cookie: sessionid=" + strings.Repeat(`"`, 100_000) + "\r\n", 200, false, 0},
		{"100 kB of escapes", `Cookie: sessionid="` + strings.Repeat(`\141`, 25_000) + "\"\r\n", 200, false, 0},
		{"100 kB of semicolons", "Cookie: " + strings.Repeat(";", 100_000) + "sessionid=" + validKey + "\r\n", 200, true, 1},
		{"over the server's bound", "Cookie: a=" + strings.Repeat("x", 2<<20) + "\r\n", 431, false, 0},
		{"quoted", `Cookie: sessionid="` + validKey + "\"\r\n", 200, true, 1},
		{"escaped", `Cookie: sessionid="\166` + validKey[1:] + "\"\r\n", 200, true, 1},
		{"an open quote", `Cookie: sessionid="` + validKey + "\r\n", 200, false, 0},
		{"a quote in a quote", `Cookie: sessionid="` + validKey + "\"\"\r\n", 200, false, 0},
		{"an escaped line break", `Cookie: sessionid="` + validKey[:20] + `\015\012Set-Cookie: a=b` + "\"\r\n", 200, false, 0},
		{"an escaped NUL", `Cookie: sessionid="` + validKey + `\000` + "\"\r\n", 200, false, 0},
		{"an empty name", "Cookie: =" + validKey + "; =; ;\r\n", 200, false, 0},
		{"no name", "Cookie: " + validKey + "\r\n", 200, false, 0},
		{"nothing", "Cookie:\r\n", 200, false, 0},
		{"upper case", "Cookie: SESSIONID=" + validKey + "\r\n", 200, false, 0},
		{"a tab", "Cookie: sessionid=\t" + validKey + "\t\r\n", 200, true, 1},
		{"invalid UTF-8", "Cookie: sessionid=\xff\xfe" + validKey + "\r\n", 200, false, 0},
		{"UTF-8", "Cookie: sessionid=ключключключ\r\n", 200, false, 0},
		{"SQL", "Cookie: sessionid=' OR session_key <> '--\r\n", 200, false, 0},
		{"a pattern", "Cookie: sessionid=" + strings.Repeat("%", 32) + "\r\n", 200, false, 0},
		{"a NUL", "Cookie: sessionid=" + validKey + "\x00\r\n", 400, false, 0},
		{"a control character", "Cookie: sessionid=\x01" + validKey + "\r\n", 400, false, 0},
		{"a lone carriage return", "Cookie: sessionid=" + validKey + "\rX\r\n", 400, false, 0},
		{"a folded line", "Cookie: sessionid=" + unknownKey + ";\r\n sessionid=" + validKey + "\r\n", 200, true, 1},
	}
	for _, every := range []bool{false, true} {
		var found bool
		st := newRawSite(t, func(s *django.Settings) { s.SessionSaveEveryRequest = every }, func(st *rawSite, _ http.ResponseWriter, r *http.Request) {
			found = st.get(r).Has("mine")
		})
		st.put(validKey, `{"mine":1}`)
		for _, tt := range tests {
			t.Run(fmt.Sprintf("%s, every %v", tt.name, every), func(t *testing.T) {
				st.counted.Statements.Store(0)
				found = false
				resp := st.ask(tt.headers)
				check(t, "the status", resp.StatusCode, tt.status)
				check(t, "whether the session was found", found, tt.found)
				queries := tt.queries
				if every && tt.status == 200 && tt.found {
					queries++ // it is saved
				}
				check(t, "the number of statements", st.counted.Statements.Load(), queries)
				checkSetCookie(t, resp.Header)
				if keys := st.keys(); len(keys) != 1 || keys[0] != validKey {
					t.Errorf("%d sessions are stored, want the one that was", len(keys))
				}
			})
		}
	}
}

// TestHostileCookiesBesideTheServer: a server of another kind may let through what
// net/http refuses.
func TestHostileCookiesBesideTheServer(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"mine":1}`)
	for _, value := range []string{
		"\x00", validKey + "\x00", "\x01" + validKey, validKey + "\r\nSet-Cookie: a=b", validKey + "\n", "\x7f" + validKey, "\xff" + validKey,
	} {
		var found bool
		w := st.serve(value, func(_ http.ResponseWriter, r *http.Request) { found = st.get(r).Has("mine") })
		// White space around the value is none of it, as for Django.
		check(t, fmt.Sprintf("whether %d bytes name the session", len(value)), found, strings.TrimSpace(value) == validKey)
		checkSetCookie(t, w.Header())
	}
}
