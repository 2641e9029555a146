// Package csrfctx lets package auth rotate the CSRF token of a request that package
// csrf protects: csrf puts a [Rotator] into the request's context, and auth finds it
// there. Neither package imports the other.
package csrfctx

import "context"

// A Rotator is a request that a site's CSRF protection protects.
type Rotator interface{ RotateToken() }

// Requests of several sites have one Rotator per site, told apart by its sessions.
type key struct{ site any }

// With returns a context that holds r for a site, identified by its sessions.
func With(ctx context.Context, site any, r Rotator) context.Context {
	return context.WithValue(ctx, key{site}, r)
}

// From returns the innermost Rotator of the site, nil if ctx holds none.
func From(ctx context.Context, site any) Rotator {
	r, _ := ctx.Value(key{site}).(Rotator)
	return r
}
