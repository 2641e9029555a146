package recipes

import (
	"net/http"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/adaptor"

	"github.com/djsession/djsession/django"
)

// FiberMiddleware puts net/http middleware around the fiber handlers that follow.
// They pass FiberRequest(c) to whatever needs the request.
func FiberMiddleware(middleware func(http.Handler) http.Handler) fiber.Handler {
	return func(c fiber.Ctx) error {
		r, err := adaptor.ConvertRequest(c, true)
		if err != nil {
			return fiber.ErrBadRequest
		}
		w := &fiberWriter{c: c, header: http.Header{}}
		middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fiber.Locals(c, requestKey{}, fiberRequest{w, r})
			if err := c.Next(); err != nil {
				// Answered here, so that the session knows the status.
				if c.App().ErrorHandler(c, err) != nil {
					_ = c.SendStatus(fiber.StatusInternalServerError)
				}
			}
			for _, cookie := range c.Response().Header.Cookies() {
				w.Header().Add("Set-Cookie", string(cookie))
			}
			c.Response().Header.DelAllCookies()
			w.WriteHeader(c.Response().StatusCode())
		})).ServeHTTP(w, r.WithContext(c.Context()))
		for name, values := range w.header {
			for _, value := range values {
				c.Response().Header.Add(name, value)
			}
		}
		return nil
	}
}

type requestKey struct{}

type fiberRequest struct {
	w http.ResponseWriter
	r *http.Request
}

// FiberRequest returns the request that FiberMiddleware made. It must not be used
// after the handler has returned, not even by a function that streams the body.
func FiberRequest(c fiber.Ctx) *http.Request {
	return fiber.Locals[fiberRequest](c, requestKey{}).r
}

// FiberHandleError is HandleError for a fiber handler, which then returns nil.
func FiberHandleError(c fiber.Ctx, sessions *django.Sessions, err error) {
	q := fiber.Locals[fiberRequest](c, requestKey{})
	sessions.HandleError(q.w, q.r, err)
}

// fiberWriter is the response to net/http middleware. What middleware itself answers
// replaces what fiber prepared.
type fiberWriter struct {
	c        fiber.Ctx
	header   http.Header
	replaced bool
}

func (w *fiberWriter) Header() http.Header { return w.header }

func (w *fiberWriter) WriteHeader(status int) {
	if status != w.c.Response().StatusCode() {
		w.replace(status)
	}
}

func (w *fiberWriter) Write(b []byte) (int, error) {
	w.replace(w.c.Response().StatusCode())
	return w.c.Response().BodyWriter().Write(b)
}

func (w *fiberWriter) replace(status int) {
	if !w.replaced {
		w.replaced = true
		w.c.Response().Reset()
		w.c.Status(status)
	}
}
