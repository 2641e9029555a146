package recipes

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/djsession/djsession/auth"
)

type userKey struct{}

// UserFrom returns the user whom an interceptor has put into the context of a call.
func UserFrom(ctx context.Context) auth.User {
	user, _ := ctx.Value(userKey{}).(auth.User)
	return user
}

// UnaryLogin lets calls through whose metadata has the cookie of a logged-in session.
func UnaryLogin(site *Site) grpc.UnaryServerInterceptor {
	cookie := site.Sessions.Settings().SessionCookieName
	return func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
		user, _, err := site.caller(ctx, cookie)
		if err != nil {
			return nil, err
		}
		return handler(context.WithValue(ctx, userKey{}, user), req)
	}
}

// StreamLogin is UnaryLogin for streams, which end when the login does.
func StreamLogin(site *Site, every time.Duration) grpc.StreamServerInterceptor {
	cookie := site.Sessions.Settings().SessionCookieName
	return func(srv any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
		user, key, err := site.caller(stream.Context(), cookie)
		if err != nil {
			return err
		}
		ctx, cancel := site.Watch(stream.Context(), key, user, every)
		defer cancel()
		watched := &watchedStream{stream, context.WithValue(ctx, userKey{}, user)}
		if err := handler(srv, watched); err == nil || ctx.Err() == nil {
			return err
		}
		return watched.ended()
	}
}

// caller returns the user of a call and the key of their session, which is in a cookie of this
// name. The error is a gRPC status.
func (s *Site) caller(ctx context.Context, cookieName string) (user auth.User, key string, err error) {
	md, _ := metadata.FromIncomingContext(ctx)
	r := http.Request{Header: http.Header{"Cookie": md.Get("cookie")}}
	for _, cookie := range r.CookiesNamed(cookieName) {
		key = cookie.Value // the last one counts, as in Django
	}
	user, err = s.UserOf(ctx, key)
	switch {
	case ctx.Err() != nil:
		return user, key, status.FromContextError(ctx.Err()).Err()
	case err != nil:
		slog.ErrorContext(ctx, "login could not be checked", "error", err)
		return user, key, status.Error(codes.Unavailable, "the login could not be checked")
	case !user.IsAuthenticated():
		return user, key, status.Error(codes.Unauthenticated, "log in first")
	}
	return user, key, nil
}
