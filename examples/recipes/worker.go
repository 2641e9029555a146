package recipes

import (
	"context"
	"errors"
	"net/http"

	"github.com/djsession/djsession/django"
)

// Job is work that a request leaves to a worker, perhaps in another process. Who has the
// SessionKey is logged in as the user: protect a queue of jobs as the session store.
type Job struct {
	SessionKey string
	UserID     string
}

// StartReport notes in the session that a report is on its way, and leaves the work to enqueue.
func StartReport(site *Site, enqueue func(context.Context, Job) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		user, session, ok := site.Require(w, r)
		if !ok {
			return
		}
		// Saves at once: the worker may be faster than the response.
		err := site.Sessions.UpdateRequest(r, func(s *django.Session) error {
			return s.Set("report", "pending")
		})
		if err != nil {
			site.Sessions.HandleError(w, r, err)
			return
		}
		if err := enqueue(r.Context(), Job{session.Key(), user.ID}); err != nil {
			// At once, as the middleware saves nothing with a 503.
			err := site.Sessions.UpdateRequest(r, func(s *django.Session) error {
				s.Delete("report")
				return nil
			})
			if err != nil {
				site.Sessions.HandleError(w, r, err)
				return
			}
			http.Error(w, "the report cannot be made now", http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusAccepted)
	}
}

// FinishReport puts a job's result into the session, whatever requests do with it meanwhile.
// The error is ErrLoggedOut if the login has ended: drop the job. After any other error the
// store has failed: try again later.
func FinishReport(ctx context.Context, site *Site, job Job, url string) error {
	err := site.Sessions.Update(ctx, job.SessionKey, func(s *django.Session) error {
		// May run several times.
		verdict, err := site.Logins.Inspect(ctx, s)
		if err != nil {
			return err
		}
		if verdict.User.ID != job.UserID {
			return ErrLoggedOut
		}
		return s.Set("report", url)
	})
	if errors.Is(err, django.ErrNotFound) || errors.Is(err, django.ErrInterrupted) {
		return ErrLoggedOut
	}
	return err
}
