package recipes

import "net/http"

func serveChi(site *testSite) string {
	r := Chi(site.Site)
	site.addRoutes(func(pattern string, h func(http.ResponseWriter, *http.Request)) { r.HandleFunc(pattern, h) })
	return site.serve(r)
}
