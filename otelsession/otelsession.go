package otelsession

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/djsession/djsession/django"
)

const scope = "github.com/djsession/djsession/otelsession"

// An Option changes a default of [New].
type Option func(*options)

type options struct {
	tracers trace.TracerProvider
	meters  metric.MeterProvider
}

// WithTracerProvider sets where the spans go, by default otel.GetTracerProvider().
func WithTracerProvider(p trace.TracerProvider) Option { return func(o *options) { o.tracers = p } }

// WithMeterProvider sets where the metrics go, by default otel.GetMeterProvider().
func WithMeterProvider(p metric.MeterProvider) Option { return func(o *options) { o.meters = p } }

// New returns the observer for django.WithObserver. The error is that of the
// MeterProvider. The observer is safe for concurrent use, also by several sites.
func New(opts ...Option) (django.Observer, error) {
	o := options{otel.GetTracerProvider(), otel.GetMeterProvider()}
	for _, opt := range opts {
		opt(&o)
	}
	if o.tracers == nil || o.meters == nil {
		return nil, errors.New("otelsession: a provider must not be nil")
	}
	meter := o.meters.Meter(scope)
	operations, errOperations := meter.Int64Counter("djsession.session.operations", metric.WithUnit("{operation}"),
		metric.WithDescription("Operations on sessions and logins, by outcome."))
	duration, errDuration := meter.Float64Histogram("djsession.session.operation.duration", metric.WithUnit("s"),
		metric.WithDescription("How long operations on sessions and logins took."),
		metric.WithExplicitBucketBoundaries(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10))
	if err := errors.Join(errOperations, errDuration); err != nil {
		return nil, err
	}
	return &observer{o.tracers.Tracer(scope), operations, duration}, nil
}

// observer implements django.Observer.
type observer struct {
	tracer     trace.Tracer
	operations metric.Int64Counter
	duration   metric.Float64Histogram
}

// spanKey is the context key of an operation's span: never that of the request.
type spanKey struct{}

// Start begins the operation's span.
func (o *observer) Start(ctx context.Context, op django.Operation) context.Context {
	ctx, span := o.tracer.Start(ctx, "session "+string(op))
	return context.WithValue(ctx, spanKey{}, span)
}

// End ends the operation's span and counts it.
func (o *observer) End(ctx context.Context, e django.Event) {
	attrs := []attribute.KeyValue{
		attribute.String("djsession.operation", string(e.Operation)),
		attribute.String("djsession.outcome", string(e.Outcome)),
		attribute.String("djsession.engine", e.Engine),
	}
	if e.Outcome.Failed() {
		attrs = append(attrs, attribute.String("error.type", errorType(e)))
	}
	measured := metric.WithAttributeSet(attribute.NewSet(attrs...))
	o.operations.Add(ctx, 1, measured)
	o.duration.Record(ctx, e.Duration.Seconds(), measured)

	span, ok := ctx.Value(spanKey{}).(trace.Span)
	if !ok {
		return
	}
	if e.Attempts > 0 {
		attrs = append(attrs, attribute.Int("djsession.attempts", e.Attempts))
	}
	if e.Operation == django.OpClearExpired {
		attrs = append(attrs, attribute.Int64("djsession.cleared", e.Cleared))
	}
	span.SetAttributes(attrs...)
	if e.Outcome.Failed() {
		span.SetStatus(codes.Error, e.Err.Error())
	}
	span.End()
}
