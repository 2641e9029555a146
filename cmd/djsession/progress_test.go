package main

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"
)

// TestProgress: short work shows nothing, long work a line that is removed at the end.
func TestProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var terminal bytes.Buffer
		p := newProgress(&terminal)
		p.show("50 rows")
		p.clear()
		if terminal.Len() > 0 {
			t.Errorf("short work shows %q", terminal.String())
		}

		p = newProgress(&terminal)
		p.show("10 rows")
		time.Sleep(progressDelay + time.Millisecond)
		p.show("20 rows")
		p.show("50 rows")
		p.clear()
		if got, want := terminal.String(), "\r20 rows\r50 rows\r\x1b[K"; got != want {
			t.Errorf("long work shows %q, want %q", got, want)
		}
	})
}

// On a terminal clearsessions says at the end what it did.
func TestClearSessionsOnTerminal(t *testing.T) {
	c, _ := newBusySite(t)
	var stderr bytes.Buffer
	a := &app{getenv: func(name string) string { return c.env[name] }, stderr: &stderr}
	s, err := a.openSite(inputs{cmd: commandOf(t, a, "clearsessions"), getenv: a.getenv})
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	for _, want := range []string{"djsession: 1 expired session deleted\n", "djsession: 0 expired sessions deleted\n"} {
		stderr.Reset()
		if err := a.clearExpired(t.Context(), s, true); err != nil {
			t.Fatal(err)
		}
		if got := stderr.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// On a terminal list aligns its columns below a header.
func TestListOnTerminal(t *testing.T) {
	c := newSite(t)
	c.insert("aaaaaaaa", sign(t, c, `{"_auth_user_id":"12345678"}`), "2998-01-01 00:00:00")
	c.insert("bbbbbbbbbbbb", sign(t, c, `{}`), "2997-01-01 00:00:00")
	var stdout, stderr bytes.Buffer
	a := &app{getenv: func(name string) string { return c.env[name] }, stdout: &stdout, stderr: &stderr}
	s, err := a.openSite(inputs{cmd: commandOf(t, a, "list"), getenv: a.getenv})
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	if err := a.list(t.Context(), s, listOptions{}, true); err != nil {
		t.Fatal(err)
	}
	want := "SESSION KEY   USER      EXPIRES               SIZE\n" +
		"aaaaaaaa      12345678  2998-01-01T00:00:00Z  89\n" +
		"bbbbbbbbbbbb  -         2997-01-01T00:00:00Z  54\n"
	if got := stdout.String(); got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
}
