package django

import (
	"context"
	"errors"
	"log/slog"
)

// lowest is the lowest level at which the outcomes of an operation are logged.
func lowest(op Operation) slog.Level {
	if op == OpAuthenticate {
		return slog.LevelInfo
	}
	return slog.LevelDebug
}

// log logs what is not logged elsewhere: an error is returned to the caller or logged with
// the request that fails, data that cannot be read is warned of where it was read, and
// package auth logs a login that it does not accept.
func (e *Event) log(ctx context.Context, logger *slog.Logger) {
	level, msg := slog.LevelDebug, ""
	switch e.Outcome {
	case OutcomeOK:
		msg = messages[e.Operation]
	case OutcomeMerged:
		msg = "session merged with another writer's and saved"
	case OutcomeDropped:
		msg = "session not saved: no longer needed"
	case OutcomeNotFound:
		msg = "session not found"
	case OutcomeImpossibleKey:
		if errors.Is(e.Err, ErrCorrupt) || errors.Is(e.Err, ErrUnreadable) {
			break
		}
		level, msg = slog.LevelInfo, "session cookie ignored: it cannot be a key"
	case OutcomeDenied:
		level, msg = slog.LevelInfo, "login failed"
	}
	if msg == "" || !logger.Enabled(ctx, level) {
		return
	}
	attrs := append(make([]slog.Attr, 0, 4), slog.String("engine", e.Engine), slog.Duration("duration", e.Duration))
	switch {
	case e.Attempts > 0:
		attrs = append(attrs, slog.Int("attempts", e.Attempts))
	case e.UserID != "":
		attrs = append(attrs, slog.String("user_id", e.UserID))
	case e.Operation == OpClearExpired:
		attrs = append(attrs, slog.Int64("sessions", e.Cleared))
	}
	logger.LogAttrs(ctx, level, msg, attrs...)
}

// messages are those of operations that succeeded. A password that is right is followed
// by a login.
var messages = map[Operation]string{
	OpLoad:         "session loaded",
	OpCreate:       "session created",
	OpSave:         "session saved",
	OpDelete:       "session deleted",
	OpClearExpired: "expired sessions cleared",
	OpLogin:        "user logged in",
	OpLogout:       "user logged out",
}
