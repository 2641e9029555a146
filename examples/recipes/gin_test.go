package recipes

import (
	"io"
	"net/http"
	"testing"

	"github.com/gin-gonic/gin"
)

func init() {
	gin.SetMode(gin.ReleaseMode)
	gin.DefaultErrorWriter = io.Discard // panics that are meant
}

func serveGin(site *testSite) string {
	engine, h := Gin(site.Site)
	engine.GET("/error", func(c *gin.Context) {
		_, _ = site.CountVisit(c.Request)
		_ = c.AbortWithError(http.StatusInternalServerError, errHandler)
	})
	engine.GET("/panic", func(c *gin.Context) {
		_, _ = site.CountVisit(c.Request)
		panic(errHandler)
	})
	engine.GET("/move", func(c *gin.Context) {
		if err := site.moveKey(c.Request); err != nil {
			site.Sessions.HandleError(c.Writer, c.Request, err)
			return
		}
		c.SetCookie("other", "1", 0, "/", "", false, false)
		c.Redirect(http.StatusSeeOther, "/visits")
	})
	engine.GET("/stream", func(c *gin.Context) { site.stream(c.Writer, c.Request) })
	engine.GET("/hijack", func(c *gin.Context) { site.hijack(c.Writer, c.Request) })
	engine.POST("/form", func(c *gin.Context) { c.String(http.StatusOK, c.PostForm("name")) })
	return site.serve(h)
}

// gin's Stream asks the response for http.CloseNotifier.
func TestGinStream(t *testing.T) {
	site := newTestSite(t)
	engine, h := Gin(site.Site)
	engine.GET("/events", func(c *gin.Context) {
		if _, err := site.CountVisit(c.Request); err != nil {
			t.Error(err)
		}
		left := 3
		c.Stream(func(w io.Writer) bool {
			left--
			c.SSEvent("left", left)
			return left > 0
		})
	})
	v := newVisitor(t, site.serve(h))
	a := v.get("/events")
	if want := "event:left\ndata:2\n\nevent:left\ndata:1\n\nevent:left\ndata:0\n\n"; a.StatusCode != http.StatusOK || a.text != want {
		t.Fatalf("%s %q, want %q", a.Status, a.text, want)
	}
	if site.visits(v.key()) != 1 {
		t.Error("the session was not saved")
	}
}
