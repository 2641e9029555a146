package main

import (
	"fmt"
	"strings"

	"github.com/djsession/djsession/django"
)

// markWriter notes in the session that Go wrote it last, as shop/writer.py does in Django.
func markWriter(session *django.Session) error { return session.Set("written_by", "Go") }

// shownSession is the session as every page shows it, with its key and the login's hash
// cut short.
type shownSession struct {
	Key       string `json:"key"` // empty if there is no session
	WrittenBy string `json:"written_by"`
	JSON      string `json:"json"`
}

func showSession(session *django.Session) shownSession {
	if session.Key() == "" {
		return shownSession{}
	}
	var members []string
	for name, value := range session.Items() {
		text := string(value.Bytes())
		if name == "_auth_user_hash" && len(text) > 9 {
			text = text[:9] + `…"`
		}
		members = append(members, fmt.Sprintf("\n  %q: %s", name, text))
	}
	writer, _ := django.Value(session, "written_by", "") // only for show
	return shownSession{
		Key:       session.Key()[:6] + "…",
		WrittenBy: writer,
		JSON:      "{" + strings.Join(members, ",") + "\n}",
	}
}
