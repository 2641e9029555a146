package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestDatabaseThatDjangoHasNotMade(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none.sqlite3")
	db, err := openDatabase(path)
	if err == nil {
		db.Close()
		t.Fatal("a database that is not there was opened")
	}
	if !strings.Contains(err.Error(), "prepare.py") || !strings.Contains(err.Error(), path) {
		t.Errorf("the error does not say what to do: %v", err)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Error("an empty database was made where Django's should be")
	}
}

func TestUpstreamMustBeAnAddress(t *testing.T) {
	for _, upstream := range []string{"", "127.0.0.1:8001", "https://", "ftp://host", ":"} {
		if err := run(t.Context(), "127.0.0.1:0", upstream); err == nil || !strings.Contains(err.Error(), "-django") {
			t.Errorf("%q: %v; want an error that names the flag", upstream, err)
		}
	}
}

// A request that is under way when the service is told to end is answered.
func TestGracefulShutdown(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}

	ctx, stop := context.WithCancel(t.Context())
	entered, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- serve(ctx, listener, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			close(entered)
			<-ctx.Done()
			time.Sleep(50 * time.Millisecond)
			io.WriteString(w, "answered")
		}))
	}()
	go func() { <-entered; stop() }()

	res, err := http.Get("http://" + listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	res.Body.Close()
	if err != nil || string(body) != "answered" {
		t.Errorf("got %q, %v", body, err)
	}
	if err := <-ended; err != nil {
		t.Errorf("serve: %v", err)
	}
}
