package recipes

import (
	"context"
	"errors"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// watchedStream is a stream whose messages end with its context.
type watchedStream struct {
	grpc.ServerStream
	ctx context.Context
}

func (s *watchedStream) Context() context.Context { return s.ctx }

func (s *watchedStream) RecvMsg(m any) error { return s.wait(s.ServerStream.RecvMsg, m) }

func (s *watchedStream) SendMsg(m any) error { return s.wait(s.ServerStream.SendMsg, m) }

// wait calls f, which may wait for the client until the handler returns.
func (s *watchedStream) wait(f func(m any) error, m any) error {
	if s.ctx.Err() != nil {
		return s.ended()
	}
	done := make(chan error, 1)
	go func() { done <- f(m) }()
	select {
	case err := <-done:
		return err
	case <-s.ctx.Done():
		return s.ended()
	}
}

func (s *watchedStream) ended() error {
	if errors.Is(context.Cause(s.ctx), ErrLoggedOut) {
		return status.Error(codes.Unauthenticated, "log in again")
	}
	if err := s.ServerStream.Context().Err(); err != nil { // the client has gone, or its deadline passed
		return status.FromContextError(err).Err()
	}
	return status.Error(codes.Unavailable, "the login could not be checked")
}
