package django

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/djsession/djsession/internal/response"
)

// An ErrorHandler answers a request whose session failed: the store failed, at load,
// Flush or commit, the session cannot be read, or it was deleted meanwhile
// ([ErrInterrupted]). Where the middleware calls it, the headers of w are as they were
// when the middleware got it, whatever the handler had prepared. err holds no secret, but is for the log, not for
// the visitor. It was logged already. The answer is sent when the ErrorHandler has
// returned; if it writes nothing, [DefaultErrorHandler] answers.
type ErrorHandler func(w http.ResponseWriter, r *http.Request, err error)

// DefaultErrorHandler answers 400 to [ErrInterrupted], as Django answers its
// SessionInterrupted; 500 to what is wrong with the program, its settings or the data
// ([ErrProgram], [ErrCorrupt], [ErrUnreadable], [ErrTooLarge], [ErrExpiry]); and 503 to
// everything else.
func DefaultErrorHandler(w http.ResponseWriter, _ *http.Request, err error) {
	status := http.StatusServiceUnavailable
	if errors.Is(err, ErrInterrupted) {
		status = http.StatusBadRequest
	}
	for _, internal := range []error{ErrProgram, ErrCorrupt, ErrUnreadable, ErrTooLarge, ErrExpiry} {
		if errors.Is(err, internal) {
			status = http.StatusInternalServerError
		}
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Error(w, http.StatusText(status), status)
}

// HandleError logs err, which a handler cannot go on from, and answers with the
// [ErrorHandler]: what the middleware does when the session fails. It is for whatever
// [Sessions.Get], [Sessions.UpdateRequest] and the packages beside this one return:
// an error that the middleware answers it leaves to the middleware, and of several calls
// for one request the first counts. The handler then returns.
func (ss *Sessions) HandleError(w http.ResponseWriter, r *http.Request, err error) {
	if q := ss.request(r.Context()); q != nil && !q.handle() {
		return
	}
	ss.logError(r, "request failed", err)
	ss.answer(w, r, err)
}

// answer has the ErrorHandler answer.
func (ss *Sessions) answer(w http.ResponseWriter, r *http.Request, err error) {
	response.Answer(w,
		func(w http.ResponseWriter) { ss.onError(w, r, err) },
		func(w http.ResponseWriter) { DefaultErrorHandler(w, r, err) })
}

// logError logs that a request failed; one whose client has gone only as information.
func (ss *Sessions) logError(r *http.Request, msg string, err error) {
	ctx, level := r.Context(), slog.LevelError
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		level = slog.LevelInfo
	}
	ss.logger.Log(ctx, level, msg, slog.String("method", r.Method), slog.String("path", r.URL.Path), slog.Any("error", err))
}
