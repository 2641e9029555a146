package otelsession_test

import (
	"context"
	"testing"

	"go.opentelemetry.io/otel"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/memstore"
	"github.com/djsession/djsession/otelsession"
)

// The driver's spans are inside those of the session.
func TestDriverSpans(t *testing.T) {
	spans := tracetest.NewInMemoryExporter()
	tracers := trace.NewTracerProvider(trace.WithSyncer(spans))
	observer, err := otelsession.New(otelsession.WithTracerProvider(tracers))
	must(t, err)
	ss := sessions(t, observer, tracers)
	s := ss.NewSession()
	must(t, s.Set("a", 1))
	must(t, s.Save(t.Context()))
	got := spans.GetSpans()
	if len(got) != 2 || got[0].Name != "INSERT" || got[0].Parent.SpanID() != got[1].SpanContext.SpanID() {
		t.Errorf("%+v", got)
	}
}

// sessions are in a store that makes spans, as an instrumented driver does.
func sessions(t *testing.T, observer django.Observer, tracers *trace.TracerProvider) *django.Sessions {
	t.Helper()
	settings := django.DefaultSettings()
	settings.SecretKey = secretKey
	ss, err := django.New(settings, django.EngineFunc(func(site django.Site) (django.Store, error) {
		inner, err := memstore.New().Open(site)
		return tracingStore{inner, tracers}, err
	}), django.WithObserver(observer))
	must(t, err)
	return ss
}

type tracingStore struct {
	django.Store
	tracers *trace.TracerProvider
}

func (s tracingStore) Create(ctx context.Context, w django.Write) (django.Record, error) {
	ctx, span := s.tracers.Tracer("driver").Start(ctx, "INSERT")
	defer span.End()
	return s.Store.Create(ctx, w)
}

// Without a TracerProvider the program's own span goes on.
func TestNoTracing(t *testing.T) {
	observer, err := otelsession.New(otelsession.WithTracerProvider(tracenoop.NewTracerProvider()),
		otelsession.WithMeterProvider(metricnoop.NewMeterProvider()))
	must(t, err)
	spans := tracetest.NewInMemoryExporter()
	tracers := trace.NewTracerProvider(trace.WithSyncer(spans))
	ss := sessions(t, observer, tracers)
	ctx, request := tracers.Tracer("test").Start(t.Context(), "request")
	must(t, ss.Delete(ctx, "validvalidvalidvalidvalidvalid00"))
	if !request.IsRecording() || len(spans.GetSpans()) != 0 {
		t.Errorf("the request's span was ended")
	}
	request.End()
}

// The program may set its providers after the observer was made.
func TestGlobalProviders(t *testing.T) {
	observer, err := otelsession.New()
	must(t, err)
	spans := tracetest.NewInMemoryExporter()
	tracers := trace.NewTracerProvider(trace.WithSyncer(spans))
	otel.SetTracerProvider(tracers)
	ss := sessions(t, observer, tracers)
	must(t, ss.Delete(t.Context(), "validvalidvalidvalidvalidvalid00"))
	if got := spans.GetSpans(); len(got) != 1 || got[0].Name != "session delete" {
		t.Errorf("%+v", got)
	}
}

func TestNilProvider(t *testing.T) {
	for name, opt := range map[string]otelsession.Option{
		"tracer": otelsession.WithTracerProvider(nil), "meter": otelsession.WithMeterProvider(nil),
	} {
		if _, err := otelsession.New(opt); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
