package recipes

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// greeter is gRPC's own test service: it answers with the user of the call.
type greeter struct {
	pb.UnimplementedTestServiceServer
	ended chan error // how streams ended
}

func (g *greeter) UnaryCall(ctx context.Context, _ *pb.SimpleRequest) (*pb.SimpleResponse, error) {
	return &pb.SimpleResponse{Username: UserFrom(ctx).Username}, nil
}

func (g *greeter) FullDuplexCall(stream pb.TestService_FullDuplexCallServer) (err error) {
	defer func() { g.ended <- err }()
	for {
		if _, err := stream.Recv(); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		payload := &pb.Payload{Body: []byte(UserFrom(stream.Context()).Username)}
		if err := stream.Send(&pb.StreamingOutputCallResponse{Payload: payload}); err != nil {
			return err
		}
	}
}

// StreamingOutputCall sends until it cannot.
func (g *greeter) StreamingOutputCall(_ *pb.StreamingOutputCallRequest, stream pb.TestService_StreamingOutputCallServer) error {
	for {
		if err := stream.Send(&pb.StreamingOutputCallResponse{Payload: &pb.Payload{Body: make([]byte, 1<<16)}}); err != nil {
			g.ended <- err
			return err
		}
	}
}

// dialGRPC serves the greeter, and returns a client and a context with the user's cookie.
func dialGRPC(s *loginSite) (*greeter, pb.TestServiceClient, context.Context) {
	s.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	s.must(err)
	server := grpc.NewServer(grpc.UnaryInterceptor(UnaryLogin(s.Site)), grpc.StreamInterceptor(StreamLogin(s.Site, often)))
	g := &greeter{ended: make(chan error, 1)}
	pb.RegisterTestServiceServer(server, g)
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	conn, err := grpc.NewClient(l.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	s.must(err)
	s.t.Cleanup(func() {
		conn.Close()
		server.Stop()
		if err := <-served; err != nil {
			s.t.Error(err)
		}
	})
	return g, pb.NewTestServiceClient(conn), withCookie(s, "a=b; sessionid="+s.key)
}

func withCookie(s *loginSite, cookie string) context.Context {
	return metadata.AppendToOutgoingContext(s.ctx, "cookie", cookie)
}

func TestUnaryCalls(t *testing.T) {
	check := func(t *testing.T, end func(*loginSite), want codes.Code) {
		s := newLoginSite(t)
		_, client, ctx := dialGRPC(s)
		if res, err := client.UnaryCall(ctx, &pb.SimpleRequest{}); err != nil || res.Username != "mia" {
			t.Fatal(res, err)
		}
		end(s)
		if _, err := client.UnaryCall(ctx, &pb.SimpleRequest{}); status.Code(err) != want {
			t.Errorf("%v, want %v", err, want)
		}
	}
	for name, end := range endings {
		t.Run(name, func(t *testing.T) { check(t, end, codes.Unauthenticated) })
	}
	for name, fail := range failures {
		t.Run(name, func(t *testing.T) { check(t, fail, codes.Unavailable) })
	}
}

// Of several cookies the last one counts, and without one there is no call.
func TestCallsWithOtherCookies(t *testing.T) {
	s := newLoginSite(t)
	_, client, _ := dialGRPC(s)
	for cookie, want := range map[string]codes.Code{
		"sessionid=x; sessionid=" + s.key:     codes.OK,
		"sessionid=" + s.key + "; sessionid=": codes.Unauthenticated,
		"sessionid=":                          codes.Unauthenticated,
		"other=1":                             codes.Unauthenticated,
		"":                                    codes.Unauthenticated,
	} {
		_, err := client.UnaryCall(withCookie(s, cookie), &pb.SimpleRequest{})
		_, streamErr := openCall(t, client, withCookie(s, cookie))
		if status.Code(err) != want || status.Code(streamErr) != want {
			t.Errorf("%v, %v; want %v", err, streamErr, want)
		}
	}
}

// openCall opens a stream and exchanges the first messages.
func openCall(t *testing.T, client pb.TestServiceClient, ctx context.Context) (pb.TestService_FullDuplexCallClient, error) {
	t.Helper()
	stream, err := client.FullDuplexCall(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return stream, exchange(stream)
}

func exchange(stream pb.TestService_FullDuplexCallClient) error {
	if err := stream.Send(&pb.StreamingOutputCallRequest{}); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	res, err := stream.Recv()
	if err == nil && string(res.Payload.Body) != "mia" {
		return errors.New("the user is " + string(res.Payload.Body))
	}
	return err
}

// A stream lasts as long as its login, also while it waits for the client.
func TestStreamsEndWithTheLogin(t *testing.T) {
	check := func(t *testing.T, end func(*loginSite), want codes.Code) {
		s := newLoginSite(t)
		g, client, ctx := dialGRPC(s)
		stream, err := openCall(t, client, ctx)
		s.must(err)
		s.waitForChecks()
		s.must(exchange(stream))
		end(s)
		if _, err := stream.Recv(); status.Code(err) != want {
			t.Errorf("%v, want %v", err, want)
		}
		if err := <-g.ended; status.Code(err) != want {
			t.Errorf("the handler gets %v, want %v", err, want)
		}
	}
	for name, end := range endings {
		t.Run(name, func(t *testing.T) { check(t, end, codes.Unauthenticated) })
	}
	for name, fail := range failures {
		t.Run(name, func(t *testing.T) { check(t, fail, codes.Unavailable) })
	}
}

// A stream that only sends ends as well.
func TestSendingEndsWithTheLogin(t *testing.T) {
	s := newLoginSite(t)
	g, client, ctx := dialGRPC(s)
	stream, err := client.StreamingOutputCall(ctx, &pb.StreamingOutputCallRequest{})
	s.must(err)
	_, err = stream.Recv()
	s.must(err)
	endings["logout"](s)
	for err == nil {
		_, err = stream.Recv()
	}
	if handlerErr := <-g.ended; status.Code(err) != codes.Unauthenticated || status.Code(handlerErr) != codes.Unauthenticated {
		t.Errorf("%v, %v", err, handlerErr)
	}
}

// A client that ends its stream in the usual way ends the handler.
func TestStreamsEndWithTheClient(t *testing.T) {
	s := newLoginSite(t)
	g, client, ctx := dialGRPC(s)
	stream, err := openCall(t, client, ctx)
	s.must(err)
	s.must(stream.CloseSend())
	if _, err := stream.Recv(); !errors.Is(err, io.EOF) {
		t.Error(err)
	}
	s.must(<-g.ended)
}
