package django

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/djsession/djsession/internal/fault"
	"github.com/djsession/djsession/internal/response"
	"github.com/djsession/djsession/serializer"
)

// An ErrorHandler answers a request whose session failed: the store failed, the session
// cannot be read, or it was deleted meanwhile ([ErrInterrupted]). When the middleware calls
// it, the headers of w are as the middleware got them, without those of the handler. err
// was logged; it holds no secret, but is not meant for the visitor. The answer is sent when
// the ErrorHandler returns; if it writes nothing, [DefaultErrorHandler] answers.
type ErrorHandler func(w http.ResponseWriter, r *http.Request, err error)

// DefaultErrorHandler answers 400 for [ErrInterrupted], as Django does; 500 if the program,
// its settings or the data are wrong ([ErrProgram], [ErrCorrupt], [ErrUnreadable],
// [ErrTooLarge], [ErrExpiry], [serializer.ErrFormat]); 400, 403 or 404 for those errors of packages auth and hashers
// that a visitor causes; and otherwise 503.
func DefaultErrorHandler(w http.ResponseWriter, _ *http.Request, err error) {
	status := http.StatusServiceUnavailable
	var visitors fault.Status
	if errors.As(err, &visitors) {
		status = int(visitors)
	}
	if errors.Is(err, ErrInterrupted) {
		status = http.StatusBadRequest
	}
	for _, internal := range []error{ErrProgram, ErrCorrupt, ErrUnreadable, ErrTooLarge, ErrExpiry, serializer.ErrFormat} {
		if errors.Is(err, internal) {
			status = http.StatusInternalServerError
		}
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Error(w, http.StatusText(status), status)
}

// HandleError is for any error of [Sessions.Get], [Sessions.UpdateRequest], and packages
// auth, csrf and messages: the handler calls it and returns. It logs err and answers with the
// [ErrorHandler]. It does nothing if the middleware will answer the error, or when it is
// called again for the same request.
func (ss *Sessions) HandleError(w http.ResponseWriter, r *http.Request, err error) {
	if q, none := ss.request(r.Context()); none == nil && !q.handle() {
		return
	}
	ss.logError(r, "request failed", err)
	ss.answer(w, r, err)
}

// answer calls the ErrorHandler.
func (ss *Sessions) answer(w http.ResponseWriter, r *http.Request, err error) {
	response.Answer(w,
		func(w http.ResponseWriter) { ss.onError(w, r, err) },
		func(w http.ResponseWriter) { DefaultErrorHandler(w, r, err) })
}

// logError logs that a request failed: at level info if the client disconnected, and as a
// warning if the visitor caused it.
func (ss *Sessions) logError(r *http.Request, msg string, err error) {
	ctx, level := r.Context(), slog.LevelError
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		level = slog.LevelInfo
	} else if errors.As(err, new(fault.Status)) {
		level = slog.LevelWarn
	}
	ss.logger.Log(ctx, level, msg, slog.String("method", r.Method), slog.String("path", r.URL.Path), slog.Any("error", err))
}
