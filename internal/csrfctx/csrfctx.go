// Package csrfctx lets package auth rotate the CSRF token of a request that package
// csrf protects: csrf puts a [Rotator] into the request's context, and auth finds it
// there. Neither package imports the other.
package csrfctx

import "context"

// A Rotator is a request that a site's CSRF protection protects.
type Rotator interface{ RotateToken() }

// Requests of several sites have one Rotator per site, told apart by its sessions. A key of
// one pointer costs no allocation.
type key[S any] struct{ site *S }

// With returns a context that holds r for a site, identified by its sessions.
func With[S any](ctx context.Context, site *S, r Rotator) context.Context {
	return context.WithValue(ctx, key[S]{site}, r)
}

// From returns the innermost Rotator of the site, nil if ctx holds none.
func From[S any](ctx context.Context, site *S) Rotator {
	r, _ := ctx.Value(key[S]{site}).(Rotator)
	return r
}
