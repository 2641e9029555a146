package recipes

import (
	"net/http"
	"testing"

	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"
)

func serveEcho(site *testSite) string {
	e, h := Echo(site.Site)
	site.addEchoRoutes(e.Group(""))
	return site.serve(h)
}

// serveEchoGroup has the middleware around one group's routes only.
func serveEchoGroup(site *testSite) string {
	e := echo.New()
	e.Use(middleware.RecoverWithConfig(middleware.RecoverConfig{DisablePrintStack: true}))
	group := e.Group("", EchoMiddleware(site.Site))
	group.GET("/visits", func(c *echo.Context) error { return site.echoVisits(c) })
	site.addEchoRoutes(group)
	return site.serve(e)
}

func (s *testSite) echoVisits(c *echo.Context) error {
	visits, err := s.CountVisit(c.Request())
	if err != nil {
		s.Sessions.HandleError(c.Response(), c.Request(), err)
		return nil
	}
	return c.String(http.StatusOK, string(rune('0'+visits)))
}

func (s *testSite) addEchoRoutes(group *echo.Group) {
	group.GET("/error", func(c *echo.Context) error {
		_, _ = s.CountVisit(c.Request())
		return errHandler
	})
	group.GET("/panic", func(c *echo.Context) error {
		_, _ = s.CountVisit(c.Request())
		panic(errHandler)
	})
	group.GET("/move", func(c *echo.Context) error {
		if err := s.moveKey(c.Request()); err != nil {
			return err
		}
		c.SetCookie(&http.Cookie{Name: "other", Value: "1"})
		return c.Redirect(http.StatusSeeOther, "/visits")
	})
	group.GET("/stream", func(c *echo.Context) error {
		s.stream(c.Response(), c.Request())
		return nil
	})
	group.GET("/hijack", func(c *echo.Context) error {
		s.hijack(c.Response(), c.Request())
		return nil
	})
	group.POST("/form", func(c *echo.Context) error { return c.String(http.StatusOK, c.FormValue("name")) })
}

// Why EchoMiddleware: with WrapMiddleware alone the session is saved before Echo
// turns the handler's error into a 500.
func TestWrapMiddlewareAloneSavesTooEarly(t *testing.T) {
	site := newTestSite(t)
	e := echo.New()
	e.Use(echo.WrapMiddleware(site.Middleware))
	site.addEchoRoutes(e.Group(""))
	v := newVisitor(t, site.serve(e))
	if a := v.get("/error"); a.StatusCode != http.StatusInternalServerError || site.sessions() != 1 {
		t.Errorf("%s and %d sessions: docs/recipes.md says that a 500 leaves one", a.Status, site.sessions())
	}
}
