package main

import (
	"context"
	"log/slog"
)

// logs collects the messages of the current call, for its answer.
var logs logCatcher

// logCatcher is a slog.Handler that keeps levels and messages.
type logCatcher struct{ texts []string }

// Enabled leaves out what Django does not log.
func (*logCatcher) Enabled(_ context.Context, level slog.Level) bool { return level > slog.LevelInfo }
func (l *logCatcher) WithAttrs([]slog.Attr) slog.Handler             { return l }
func (l *logCatcher) WithGroup(string) slog.Handler                  { return l }
func (l *logCatcher) Handle(_ context.Context, r slog.Record) error {
	l.texts = append(l.texts, r.Level.String()+" "+r.Message)
	return nil
}

func (l *logCatcher) take() []string {
	t := l.texts
	l.texts = nil
	return t
}

// recordLog is a slog.Handler that keeps records with their attributes.
type recordLog struct {
	logCatcher
	records []map[string]string
}

func (l *recordLog) Handle(_ context.Context, r slog.Record) error {
	l.records = append(l.records, recordOf(r))
	return nil
}

func recordOf(r slog.Record) map[string]string {
	m := map[string]string{"level": r.Level.String(), "message": r.Message}
	r.Attrs(func(a slog.Attr) bool { m[a.Key] = a.Value.String(); return true })
	return m
}
