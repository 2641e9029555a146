package torture

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// signed matches a session's text or any other text signed by Django's signing.
var signed = regexp.MustCompile(`:[0-9A-Za-z]{6}:[0-9A-Za-z_-]{43}`)

// payload is a value in every shared session, which no log may hold.
const payload = "what the visitor has put there"

// checkLog fails the test if a process has logged a secret, a session's key or what is
// in a session.
func (p *goProcess) checkLog(t *testing.T) {
	t.Helper()
	text, err := os.ReadFile(p.log)
	if err != nil {
		t.Error(err)
	}
	for _, leak := range leaks(string(text), p.order.Secrets) {
		t.Errorf("process %s logged %s", p.order.Name, leak)
	}
}

// leaks returns the secrets in a log.
func leaks(log string, secrets []string) []string {
	var found []string
	for _, s := range secrets {
		if s != "" && strings.Contains(log, s) {
			found = append(found, "a secret, a session's key or what is in one")
		}
	}
	if signed.MatchString(log) {
		found = append(found, "a signed text")
	}
	if strings.Contains(strings.ToLower(log), "sessionid") {
		found = append(found, "a session cookie")
	}
	return found
}

func TestLeaksAreFound(t *testing.T) {
	codec := newCodec(t, "")
	text, err := codec.Encode(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, log := range []string{"level=ERROR key=abcdefgh", "data=" + text, "Cookie: sessionid=x"} {
		if len(leaks(log, []string{"abcdefgh"})) != 1 {
			t.Errorf("no leak is found in a log with one")
		}
	}
	if found := leaks(`time=2026-01-01T00:00:00Z level=ERROR msg="write" error="connection refused"`, []string{"abcdefgh"}); found != nil {
		t.Errorf("found %q in a log without any", found)
	}
}
