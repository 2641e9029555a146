// Package csrfctx lets package auth rotate the CSRF token of a request that package
// csrf protects: csrf puts a [Rotator] into the request's context, and auth finds it
// there. Neither package imports the other.
package csrfctx

import (
	"context"

	"github.com/djsession/djsession/django"
)

// A Rotator is a request that a site's CSRF protection protects.
type Rotator interface{ RotateToken() }

// Requests of several sites have one Rotator per site, told apart by the site's codec.
type key struct{ site *django.Codec }

// With returns a context that holds r for the site whose sessions these are.
func With(ctx context.Context, sessions *django.Sessions, r Rotator) context.Context {
	return context.WithValue(ctx, key{sessions.Codec()}, r)
}

// From returns the innermost Rotator of the site whose sessions these are, nil if ctx
// holds none.
func From(ctx context.Context, sessions *django.Sessions) Rotator {
	r, _ := ctx.Value(key{sessions.Codec()}).(Rotator)
	return r
}
