package recipes

import (
	"bufio"
	"net"
	"net/http"
	"testing"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/adaptor"
)

func serveFiber(site *testSite) string {
	app := Fiber(site.Site)
	app.Get("/error", func(c fiber.Ctx) error {
		_, _ = site.CountVisit(FiberRequest(c))
		return errHandler
	})
	app.Get("/panic", func(c fiber.Ctx) error {
		_, _ = site.CountVisit(FiberRequest(c))
		panic(errHandler)
	})
	app.Get("/move", func(c fiber.Ctx) error {
		if err := site.moveKey(FiberRequest(c)); err != nil {
			return err
		}
		c.Cookie(&fiber.Cookie{Name: "other", Value: "1"})
		return c.Redirect().Status(fiber.StatusSeeOther).To("/visits")
	})
	app.Get("/stream", func(c fiber.Ctx) error {
		r := FiberRequest(c)
		if _, err := site.CountVisit(r); err != nil {
			return err
		}
		return c.SendStreamWriter(func(w *bufio.Writer) {
			_, _ = w.WriteString("one ")
			_ = w.Flush()
			<-site.next
			_, err := site.CountVisit(r) // too late: the handler has returned
			site.late <- err
			_, _ = w.WriteString("two")
		})
	})
	app.Get("/hijack", func(c fiber.Ctx) error {
		if _, err := site.CountVisit(FiberRequest(c)); err != nil {
			return err
		}
		c.Set("Connection", "Upgrade")
		c.Set("Upgrade", "test")
		c.RequestCtx().Hijack(func(conn net.Conn) { _, _ = conn.Write([]byte("hello")) })
		c.Status(http.StatusSwitchingProtocols)
		return nil
	})
	app.Post("/form", func(c fiber.Ctx) error { return c.SendString(c.FormValue("name")) })
	return site.serveFiber(app)
}

// serveFiber serves an app and returns its URL.
func (s *testSite) serveFiber(app *fiber.App) string {
	s.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- app.Listener(l, fiber.ListenConfig{DisableStartupMessage: true}) }()
	s.t.Cleanup(func() {
		// Not by Shutdown, which races with the contexts that adaptor.HTTPHandler
		// hands out (fasthttp 1.69).
		_ = l.Close()
		<-served
	})
	return "http://" + l.Addr().String()
}

// What middleware answers itself replaces the whole of fiber's answer.
func TestFiberAnswerIsReplaced(t *testing.T) {
	site := newTestSite(t)
	app := Fiber(site.Site)
	app.Get("/report", func(c fiber.Ctx) error {
		_, _ = site.CountVisit(FiberRequest(c)) // fails
		c.Set("ETag", `"abc"`)
		c.Cookie(&fiber.Cookie{Name: "other", Value: "1"})
		return c.Status(fiber.StatusServiceUnavailable).SendString("secret")
	})
	v := newVisitor(t, site.serveFiber(app))
	v.get("/visits")
	site.db.Close()
	a := v.get("/report")
	if a.StatusCode != http.StatusServiceUnavailable || a.text != "Service Unavailable\n" || a.Header.Get("ETag") != "" || v.cookie("other") != "" {
		t.Errorf("%s %q, ETag %q", a.Status, a.text, a.Header.Get("ETag"))
	}
}

// A net/http handler with its middleware works under fiber as one handler.
func TestFiberWithNetHTTPHandler(t *testing.T) {
	site := newTestSite(t)
	_, h := NetHTTP(site.Site)
	app := fiber.New()
	app.Use(adaptor.HTTPHandler(h))
	v := newVisitor(t, site.serveFiber(app))
	for _, want := range []string{"1", "2"} {
		if a := v.get("/visits"); a.StatusCode != http.StatusOK || a.text != want {
			t.Errorf("%s %q, want %q", a.Status, a.text, want)
		}
	}
}

// Why FiberMiddleware: adaptor.HTTPMiddleware runs the fiber handlers after the
// middleware has ended.
func TestAdaptorMiddlewareEndsTooEarly(t *testing.T) {
	site := newTestSite(t)
	app := fiber.New()
	app.Use(adaptor.HTTPMiddleware(site.Middleware))
	app.Get("/visits", func(c fiber.Ctx) error {
		r, err := adaptor.ConvertRequest(c, true)
		if err != nil {
			return err
		}
		if _, err := site.CountVisit(r.WithContext(c.RequestCtx())); err == nil {
			t.Error("the session can be reached: docs/recipes.md says that it cannot")
		}
		return nil
	})
	v := newVisitor(t, site.serveFiber(app))
	v.get("/visits")
	if n := site.sessions(); n != 0 {
		t.Errorf("%d sessions are stored: docs/recipes.md says none", n)
	}
}
