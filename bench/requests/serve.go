package requests

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/pprof"
	"strconv"
	"syscall"

	"github.com/djsession/djsession/auth/usertable"
)

// A handler serves the three kinds of requests. Each answers with a text: the number of
// visits in the session, that number after it was raised by one, and the user's name.
type handler struct{ read, change, user http.HandlerFunc }

// handlers are the Go servers by the names of the variants.
var handlers = map[string]func(*site) (http.Handler, error){
	"djsession":            serveLibrary(),
	"djsession, joined":    serveLibrary(usertable.WithJoin()),
	"database/sql by hand": serveByHand(openSQL),
	"pgxpool by hand":      serveByHand(openPgxpool),
	"database/sql, bare":   serveBare(openSQL),
	"scs":                  serveSCS,
	"gorilla/sessions":     serveGorilla,
	"go-redis, bare":       serveBare(openRedis),
}

// Serve is one server, in a process of its own, until it is told to end by SIGTERM. args are
// the path of the site's file and the name of the variant. The listener is file 3.
//
// If the environment variable BENCH_CPUPROFILE names a directory, the process writes a CPU
// profile into it.
func Serve(args []string) (err error) {
	if len(args) != 2 || handlers[args[1]] == nil {
		return errors.New("serve is for the benchmarks' own use")
	}
	s, err := readSite(args[0])
	if err != nil {
		return err
	}
	h, err := handlers[args[1]](s)
	if err != nil {
		return err
	}
	listener, err := net.FileListener(os.NewFile(3, "listener"))
	if err != nil {
		return err
	}
	if dir := os.Getenv("BENCH_CPUPROFILE"); dir != "" {
		file, err := os.Create(filepath.Join(dir, fileName(args[1])+".pprof"))
		if err != nil {
			return err
		}
		if err := pprof.StartCPUProfile(file); err != nil {
			return err
		}
		defer func() {
			pprof.StopCPUProfile()
			err = errors.Join(err, file.Close())
		}()
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	server := &http.Server{Handler: h}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// mux is how every server routes.
func (h handler) mux() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("/read", h.read)
	mux.HandleFunc("/change", h.change)
	if h.user != nil {
		mux.HandleFunc("/user", h.user)
	}
	return mux
}

func answer(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	_, _ = w.Write([]byte(text))
}

func fail(w http.ResponseWriter, err error) {
	fmt.Fprintln(os.Stderr, err)
	http.Error(w, err.Error(), http.StatusInternalServerError)
}
