// Package djangotest tests services that share sessions with a Django site, as
// net/http/httptest tests HTTP.
//
// Without Django, [New] is a site in memory, with a clock that the test moves:
//
//	site := djangotest.New(t)
//	client := site.Client(newApp(site.Sessions, site.Logins))
//	client.ForceLogin(t, site.NewUser(t, "ann", ""))
//	res, err := client.Get("http://testserver/cart")
//	...
//	cart, err := django.Value(client.Session(t), "cart", Cart{})
//
// With Django, [Manage] speaks to the site's own project, with its settings and models:
//
//	site := djangotest.Manage(t, "../site/manage.py")
//	key := site.Login(t, "ann")
//	...                                                    // a request to the service
//	site.RequireDjangoSees(t, key, "cart", map[string]int{"tea": 2})
//
// [Site] is a throwaway Django project for those who have none, and [Golden] returns sessions
// as each Django wrote them. The page docs/testing.md shows a test of each kind.
package djangotest
