// Command cart stands in front of a Django shop and has taken over a part of it:
// the cart, logging in and out, and the account page. Everything else it passes on
// to Django. Both read and write the same sessions, so that a visitor is logged in
// with, and has one cart in, both of them.
//
// Environment: DJANGO_SECRET_KEY is the shop's SECRET_KEY, DJANGO_VERSION its
// Django's version (the newest by default), and SHOP_DATABASE the path of its
// SQLite database. SHOP_ENGINE is the last part of its SESSION_ENGINE, by default
// db; SHOP_REDIS the URL of its cache, and SHOP_SESSION_FILES its SESSION_FILE_PATH.
// SHOP_EXPIRE_AT_BROWSER_CLOSE=True is its SESSION_EXPIRE_AT_BROWSER_CLOSE.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/jmoiron/sqlx"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/djsession/djsession/django"
)

// The defaults of shop/settings.py, for the demo.
const (
	demoSecretKey = "for the demo only, and known to everybody"
	demoDatabase  = "shop/db.sqlite3"

	demoRedis        = "redis://127.0.0.1:6379/0"
	demoSessionFiles = "shop/sessions"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8000", "address to listen on")
	upstream := flag.String("django", "http://127.0.0.1:8001", "where Django listens")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *addr, *upstream); err != nil {
		slog.Error("cannot serve", "error", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, addr, upstream string) error {
	target, err := url.Parse(upstream)
	if err != nil || target.Scheme != "http" || target.Host == "" {
		return fmt.Errorf("-django must be like http://127.0.0.1:8001, not %q", upstream)
	}
	db, err := openDatabase(cmp.Or(os.Getenv("SHOP_DATABASE"), demoDatabase))
	if err != nil {
		return err
	}
	defer db.Close()
	engine, err := openEngine(cmp.Or(os.Getenv("SHOP_ENGINE"), "db"), db)
	if err != nil {
		return err
	}
	defer engine.Close()
	s, err := newService(shopSettings(engine.setting), db, engine)
	if err != nil {
		return err
	}
	if err := s.sessions.Check(ctx); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	return serve(ctx, listener, s.routes(newProxy(target)))
}

// shopSettings says what of the shop's settings.py is not Django's default.
func shopSettings(sessionEngine string) django.Settings {
	settings := django.DefaultSettings()
	settings.SecretKey = cmp.Or(os.Getenv("DJANGO_SECRET_KEY"), demoSecretKey)
	settings.DjangoVersion = os.Getenv("DJANGO_VERSION")
	settings.AllowedHosts = []string{"127.0.0.1", "localhost", "[::1]"}
	settings.UseTZ = new(true)
	settings.SessionEngine = sessionEngine
	settings.SessionExpireAtBrowserClose = os.Getenv("SHOP_EXPIRE_AT_BROWSER_CLOSE") == "True"
	settings.LoginURL = "/login/"
	settings.LoginRedirectURL = "/"
	return settings
}

// openDatabase opens the shop's database, which Django has to have made.
func openDatabase(path string) (*sqlx.DB, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	dsn := url.URL{Scheme: "file", Path: path, RawQuery: "mode=rw&_pragma=busy_timeout(5000)"}
	db, err := sqlx.Connect("sqlite", dsn.String())
	if err != nil {
		return nil, fmt.Errorf("the shop's database %s cannot be opened (python shop/prepare.py makes it; SHOP_DATABASE names another): %w", path, err)
	}
	return db, nil
}

// serve serves until ctx ends, and then lets the requests that are under way
// finish. It closes the listener.
func serve(ctx context.Context, listener net.Listener, h http.Handler) error {
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	slog.Info("listening", "url", "http://"+listener.Addr().String()+"/cart/")

	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := srv.Shutdown(last); err != nil {
		return errors.Join(err, srv.Close())
	}
	return nil
}
