package recipes

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"
)

// Echo returns the routes as an Echo, and the handler to serve, which has the
// middleware around the whole Echo.
func Echo(site *Site) (*echo.Echo, http.Handler) {
	e := echo.New()
	e.Use(middleware.Recover())
	e.GET("/visits", func(c *echo.Context) error {
		visits, err := site.CountVisit(c.Request())
		if err != nil {
			site.Sessions.HandleError(c.Response(), c.Request(), err)
			return nil
		}
		return c.String(http.StatusOK, strconv.Itoa(visits))
	})
	return e, site.Middleware(e)
}

// EchoMiddleware is the site's middleware for one group of an Echo's routes. It
// answers an error before the session is saved, so that the session knows the status.
func EchoMiddleware(site *Site) echo.MiddlewareFunc {
	outer := echo.WrapMiddleware(site.Middleware)
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return outer(func(c *echo.Context) error {
			if err := next(c); err != nil {
				c.Echo().HTTPErrorHandler(c, err)
			}
			return nil
		})
	}
}
