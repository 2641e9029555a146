package main

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestProgress: short work shows nothing, long work a bar that goes away.
func TestProgress(t *testing.T) { synctest.Test(t, progressByTheClock) }

func progressByTheClock(t *testing.T) {
	var terminal bytes.Buffer
	p := startProgress(&terminal, "working", 100, false)
	p.set(50)
	p.hide()
	p.finish()
	if terminal.Len() > 0 {
		t.Errorf("short work shows %q", terminal.String())
	}

	p = startProgress(&terminal, "working", 100, false)
	p.set(10)
	time.Sleep(progressDelay + 50*time.Millisecond)
	p.add(40)
	if got := terminal.String(); !strings.Contains(got, "working") || !strings.Contains(got, "50%") || !strings.Contains(got, "50/100") {
		t.Errorf("long work shows %q", got)
	}
	p.finish()
	if got := terminal.String(); !strings.HasSuffix(got, "\r") || strings.Contains(got, "\n") {
		t.Errorf("the bar is left on the terminal: %q", got)
	}

	var none *progress
	none.add(1)
	none.set(1)
	none.hide()
	none.finish()
}

// On a terminal clearsessions counts first, and says at the end what it did.
func TestClearSessionsOnTerminal(t *testing.T) {
	c, _ := newBusySite(t)
	var stderr bytes.Buffer
	a := &app{getenv: func(name string) string { return c.env[name] }, stderr: &stderr}
	s, err := a.openSite(commandOf(t, a, "clearsessions"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.db.Close()
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
	s, err := a.openSite(commandOf(t, a, "list"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.db.Close()
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
