package recipes

import (
	"strconv"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/recover"
)

// Fiber returns the routes as a fiber app.
func Fiber(site *Site) *fiber.App {
	app := fiber.New()
	app.Use(recover.New())
	app.Use(FiberMiddleware(site.Middleware))
	app.Get("/visits", func(c fiber.Ctx) error {
		visits, err := site.CountVisit(FiberRequest(c))
		if err != nil {
			FiberHandleError(c, site.Sessions, err)
			return nil
		}
		return c.SendString(strconv.Itoa(visits))
	})
	return app
}
