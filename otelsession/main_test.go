package otelsession_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/filestore"
	"github.com/djsession/djsession/internal/testenv"
	"github.com/djsession/djsession/memstore"
	"github.com/djsession/djsession/otelsession"
)

const (
	secretKey = "a secret of the tests"
	username  = "ann-the-visitor"
	password  = "correct horse"
	payload   = "value-nobody-must-see"
)

// site is a Django site whose sessions and logins are observed by an OpenTelemetry SDK.
type site struct {
	*django.Sessions
	t       *testing.T
	logins  *auth.Logins
	db      *sqlx.DB // of the users, and of the sessions in SQLite
	log     *testenv.Log
	spans   *tracetest.InMemoryExporter
	tracers *trace.TracerProvider
	reader  *metric.ManualReader
	secrets []string
}

// each runs a test with the sessions in memory, in files and in SQLite.
func each(t *testing.T, test func(*testing.T, *site)) {
	t.Run("memstore", func(t *testing.T) {
		s := newSite(t, django.EngineDB, func(*sqlx.DB) django.Engine { return memstore.New() })
		test(t, s)
		s.checkSecrets()
	})
	t.Run("files", func(t *testing.T) {
		s := newSite(t, django.EngineFile, func(*sqlx.DB) django.Engine { return filestore.New(t.TempDir()) })
		test(t, s)
		s.checkSecrets()
	})
	t.Run("SQLite", func(t *testing.T) { inSQLite(t, test) })
}

func inSQLite(t *testing.T, test func(*testing.T, *site)) {
	s := newSite(t, django.EngineDB, func(db *sqlx.DB) django.Engine { return dbstore.New(db) })
	test(t, s)
	s.checkSecrets()
}

// newSite makes a site with this SESSION_ENGINE.
func newSite(t *testing.T, name string, engine func(*sqlx.DB) django.Engine) *site {
	t.Helper()
	d := testenv.Filled(t, "6.1")
	s := &site{t: t, db: sqlx.NewDb(d.Connect(t, "_pragma=synchronous(off)"), d.Driver()), log: new(testenv.Log)}
	s.db.MustExec("UPDATE auth_user SET username = ?, password = ? WHERE username = 'ann'", username, testenv.MD5Hash(password))
	s.secrets = []string{secretKey, password, payload, testenv.MD5Hash(password), username}
	s.spans = tracetest.NewInMemoryExporter()
	s.tracers = trace.NewTracerProvider(trace.WithSyncer(s.spans))
	s.reader = metric.NewManualReader()
	observer, err := otelsession.New(otelsession.WithTracerProvider(s.tracers),
		otelsession.WithMeterProvider(metric.NewMeterProvider(metric.WithReader(s.reader))))
	must(t, err)
	settings := django.DefaultSettings()
	settings.SecretKey, settings.UseTZ, settings.SessionEngine = secretKey, new(true), name
	settings.PasswordHashers = []string{"django.contrib.auth.hashers.MD5PasswordHasher"}
	logger := slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s.Sessions, err = django.New(settings, engine(s.db), django.WithObserver(observer), django.WithLogger(logger))
	must(t, err)
	users, err := usertable.Open(s.db, s.Sessions)
	must(t, err)
	s.logins, err = auth.New(s.Sessions, users, auth.WithLogger(logger))
	must(t, err)
	return s
}

// serve serves a request with this session cookie inside a span "request", as an
// instrumented server does, and returns the session's key afterwards.
func (s *site) serve(key string, handle http.HandlerFunc) string {
	s.t.Helper()
	ctx, span := s.tracers.Tracer("test").Start(s.t.Context(), "request")
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil)
	if key != "" {
		r.AddCookie(&http.Cookie{Name: "sessionid", Value: key})
		s.secrets = append(s.secrets, key)
	}
	w := httptest.NewRecorder()
	s.Middleware(s.logins.Middleware(handle)).ServeHTTP(w, r)
	span.End()
	for _, c := range w.Result().Cookies() {
		if c.Name == "sessionid" && c.Value != "" {
			key = c.Value
			s.secrets = append(s.secrets, key)
		}
	}
	return key
}

// stored makes a session and returns its key. What that is observed as is forgotten.
func (s *site) stored() string {
	s.t.Helper()
	session := s.NewSession()
	must(s.t, session.Set("a", payload))
	must(s.t, session.Save(s.t.Context()))
	s.spans.Reset()
	s.secrets = append(s.secrets, session.Key())
	return session.Key()
}

// traces returns the spans as lines like "request > session save merged 2", sorted by time
// of end, and checks what all have in common.
func (s *site) traces() []string {
	s.t.Helper()
	spans := s.spans.GetSpans()
	names := map[string]string{}
	for _, span := range spans {
		names[span.SpanContext.SpanID().String()] = span.Name
	}
	var lines []string
	for _, span := range spans {
		operation, ours := strings.CutPrefix(span.Name, "session ")
		if !ours {
			continue
		}
		attrs := attribute.NewSet(span.Attributes...)
		if text(attrs, "djsession.operation") != operation || text(attrs, "djsession.engine") != s.Settings().SessionEngine {
			s.t.Errorf("%s: %v", span.Name, span.Attributes)
		}
		line := span.Name + " " + text(attrs, "djsession.outcome")
		if parent := names[span.Parent.SpanID().String()]; parent != "" {
			line = parent + " > " + line
		}
		for _, key := range []attribute.Key{"djsession.attempts", "djsession.cleared", "error.type"} {
			if v, ok := attrs.Value(key); ok {
				line += " " + v.String()
			}
		}
		lines = append(lines, line)
	}
	return lines
}

func text(attrs attribute.Set, key attribute.Key) string {
	v, _ := attrs.Value(key)
	return v.AsString()
}

// metrics returns how often each operation was counted, as in "load ok": 2, and checks that
// the histogram has as many.
func (s *site) metrics() map[string]int {
	s.t.Helper()
	counted, timed := map[string]int{}, map[string]int{}
	for _, m := range s.collect().ScopeMetrics[0].Metrics {
		switch data := m.Data.(type) {
		case metricdata.Sum[int64]:
			for _, p := range data.DataPoints {
				counted[s.nameOf(m.Name, "djsession.session.operations", p.Attributes)] += int(p.Value)
			}
		case metricdata.Histogram[float64]:
			for _, p := range data.DataPoints {
				timed[s.nameOf(m.Name, "djsession.session.operation.duration", p.Attributes)] += int(p.Count)
			}
		}
	}
	if fmt.Sprint(counted) != fmt.Sprint(timed) {
		s.t.Errorf("counted %v, timed %v", counted, timed)
	}
	return counted
}

func (s *site) nameOf(metric, want string, attrs attribute.Set) string {
	name := text(attrs, "djsession.operation") + " " + text(attrs, "djsession.outcome")
	if metric != want || text(attrs, "djsession.engine") != s.Settings().SessionEngine {
		name = "unexpected " + metric + " " + name
	}
	return name
}

func (s *site) collect() metricdata.ResourceMetrics {
	s.t.Helper()
	var all metricdata.ResourceMetrics
	must(s.t, s.reader.Collect(context.Background(), &all))
	return all
}

// checkSecrets looks for secrets in all spans, metrics and lines of the log.
func (s *site) checkSecrets() {
	s.t.Helper()
	spans, err := json.Marshal(s.spans.GetSpans())
	must(s.t, err)
	metrics, err := json.Marshal(s.collect().ScopeMetrics)
	must(s.t, err)
	for name, text := range map[string]string{"spans": string(spans), "metrics": string(metrics), "log": s.log.String()} {
		if name != "log" && !strings.Contains(text, "djsession.outcome") {
			s.t.Errorf("the %s hold nothing", name)
		}
		for _, secret := range s.secrets {
			if strings.Contains(text, secret) {
				s.t.Errorf("the %s hold %q", name, secret)
			}
		}
	}
}

func equal(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("spans\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
