package main

import (
	"fmt"
	"strconv"
	"time"

	"github.com/djsession/djsession/dbstore"
)

// sessionModel is a session model of another package.
type sessionModel struct {
	table  string
	option func() dbstore.Option
}

// sessionModels are the values of --session-model.
var sessionModels = map[string]sessionModel{
	"user_sessions": {"user_sessions_session", dbstore.WithUserSessions},
	"qsessions":     {"qsessions_session", dbstore.WithQSessions},
}

// tableOptions describes the table of the session model.
func (s *site) tableOptions() ([]dbstore.Option, error) {
	in := s.in
	options := []dbstore.Option{dbstore.WithMaxWait(s.maxWait)}
	s.table, s.keyLength = "django_session", 40
	name, err := in.choice("session-model")
	if err != nil {
		return nil, err
	}
	if model, ok := sessionModels[name]; ok {
		s.table = model.table
		options = append(options, model.option())
	}
	if table, ok := in.get("table"); ok {
		if table == "" {
			return nil, fmt.Errorf("%s is empty", where("table"))
		}
		s.table = table
	}
	options = append(options, dbstore.WithTable(s.table))
	if text, ok := in.get("key-length"); ok {
		length, err := strconv.ParseUint(text, 10, 16)
		if err != nil || length < 32 {
			return nil, fmt.Errorf("%s must be a number from 32 to 65535", where("key-length"))
		}
		s.keyLength = int(length)
	}
	options = append(options, dbstore.WithKeyLength(s.keyLength))
	if zone, ok := in.get("database-time-zone"); ok {
		if _, err := time.LoadLocation(zone); err != nil || zone == "Local" {
			return nil, fmt.Errorf("%s is not in the time zone database", where("database-time-zone"))
		}
		options = append(options, dbstore.WithTimeZone(zone))
	}
	return options, nil
}
