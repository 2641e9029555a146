package recipes

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

// serveEcho4 is the arrangement of echo.go with Echo 4.
func serveEcho4(site *testSite) string {
	e := echo.New()
	e.Use(middleware.RecoverWithConfig(middleware.RecoverConfig{DisablePrintStack: true, LogErrorFunc: func(_ echo.Context, err error, _ []byte) error {
		return err
	}}))
	e.GET("/visits", func(c echo.Context) error {
		visits, err := site.CountVisit(c.Request())
		if err != nil {
			site.Sessions.HandleError(c.Response(), c.Request(), err)
			return nil
		}
		return c.String(http.StatusOK, strconv.Itoa(visits))
	})
	e.GET("/error", func(c echo.Context) error {
		_, _ = site.CountVisit(c.Request())
		return errHandler
	})
	e.GET("/panic", func(c echo.Context) error {
		_, _ = site.CountVisit(c.Request())
		panic(errHandler)
	})
	e.GET("/move", func(c echo.Context) error {
		if err := site.moveKey(c.Request()); err != nil {
			return err
		}
		c.SetCookie(&http.Cookie{Name: "other", Value: "1"})
		return c.Redirect(http.StatusSeeOther, "/visits")
	})
	e.GET("/stream", func(c echo.Context) error {
		site.stream(c.Response(), c.Request())
		return nil
	})
	e.GET("/hijack", func(c echo.Context) error {
		site.hijack(c.Response(), c.Request())
		return nil
	})
	e.POST("/form", func(c echo.Context) error { return c.String(http.StatusOK, c.FormValue("name")) })
	return site.serve(site.Middleware(e))
}
