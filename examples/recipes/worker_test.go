package recipes

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/djsession/djsession/django"
)

// report returns the report that the session under key has.
func (s *loginSite) report(key string) string {
	s.t.Helper()
	session, err := s.Sessions.Load(s.t.Context(), key)
	s.must(err)
	report, err := django.Value(session, "report", "")
	s.must(err)
	return report
}

// startReport has a request start a report, and returns its job.
func startReport(t *testing.T, s *loginSite) (job Job) {
	t.Helper()
	v := newVisitor(t, s.serve(s.Middleware(StartReport(s.Site, func(_ context.Context, j Job) error {
		job = j
		if got := s.report(j.SessionKey); got != "pending" {
			t.Errorf("the session has the report %q when the job is queued", got)
		}
		return nil
	})))).as(s.key)
	if a := v.send(http.MethodPost, "/", ""); a.StatusCode != http.StatusAccepted || v.key() != job.SessionKey || job.UserID != s.user.ID {
		t.Fatalf("%s, for %s", a.Status, job.UserID)
	}
	return job
}

// A report arrives in the session, beside what a request stores meanwhile.
func TestReport(t *testing.T) {
	s := newLoginSite(t)
	job := startReport(t, s)
	request, err := s.Sessions.Load(t.Context(), job.SessionKey)
	s.must(err)
	s.must(request.Set("cart", "tea"))
	s.must(FinishReport(t.Context(), s.Site, job, "/reports/1"))
	s.must(request.Save(t.Context()))
	session, err := s.Sessions.Load(t.Context(), job.SessionKey)
	s.must(err)
	if cart, err := django.Value(session, "cart", ""); s.report(job.SessionKey) != "/reports/1" || cart != "tea" || err != nil {
		t.Errorf("report %q, cart %q, %v", s.report(job.SessionKey), cart, err)
	}
}

// A job is dropped if its login has ended, and kept if the database cannot tell.
func TestReportAfterTheLogin(t *testing.T) {
	for name, end := range endings {
		t.Run(name, func(t *testing.T) {
			s := newLoginSite(t)
			job := startReport(t, s)
			end(s)
			if err := FinishReport(t.Context(), s.Site, job, "/reports/1"); !errors.Is(err, ErrLoggedOut) {
				t.Errorf("%v, want ErrLoggedOut", err)
			}
		})
	}
	for name, fail := range failures {
		t.Run(name, func(t *testing.T) {
			s := newLoginSite(t)
			job := startReport(t, s)
			fail(s)
			if err := FinishReport(t.Context(), s.Site, job, "/reports/1"); err == nil || errors.Is(err, ErrLoggedOut) {
				t.Errorf("%v, want the database's error", err)
			}
		})
	}
}

// A session that another user has taken over gets no report of the first.
func TestReportOfAnotherUser(t *testing.T) {
	s := newLoginSite(t)
	job := startReport(t, s)
	job.UserID = s.newUser("ida").ID
	if err := FinishReport(t.Context(), s.Site, job, "/reports/1"); !errors.Is(err, ErrLoggedOut) || s.report(job.SessionKey) != "pending" {
		t.Errorf("%v, report %q", err, s.report(job.SessionKey))
	}
}

// A queue that is full is an error, and the user may try again.
func TestReportQueueDown(t *testing.T) {
	s := newLoginSite(t)
	v := newVisitor(t, s.serve(s.Middleware(StartReport(s.Site, func(context.Context, Job) error { return errors.New("full") })))).as(s.key)
	if a := v.send(http.MethodPost, "/", ""); a.StatusCode != http.StatusServiceUnavailable || s.report(v.key()) != "" {
		t.Errorf("%s, report %q", a.Status, s.report(v.key()))
	}
}
