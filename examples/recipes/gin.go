package recipes

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"
)

// Gin returns the routes as a gin engine, and the handler to serve, which has the
// middleware around the whole engine.
func Gin(site *Site) (*gin.Engine, http.Handler) {
	engine := gin.New()
	engine.Use(gin.Recovery())
	engine.GET("/visits", func(c *gin.Context) {
		visits, err := site.CountVisit(c.Request)
		if err != nil {
			site.Sessions.HandleError(c.Writer, c.Request, err)
			return
		}
		c.String(http.StatusOK, strconv.Itoa(visits))
	})
	return engine, site.Middleware(engine)
}
