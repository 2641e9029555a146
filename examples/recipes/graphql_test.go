package recipes

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/djsession/djsession/django"
)

// query sends a GraphQL query.
func (v *visitor) query(text string) answer {
	v.t.Helper()
	return v.send(http.MethodPost, "/", queryBody(text), "Content-Type", "application/json")
}

func queryBody(text string) string {
	body, _ := json.Marshal(map[string]string{"query": text}) // a map of texts cannot fail
	return string(body)
}

func TestGraphQL(t *testing.T) {
	s := newLoginSite(t)
	url := s.serve(s.Middleware(GraphQL(s.Site)))
	v := newVisitor(t, url).as(s.key)
	for _, c := range []struct{ query, want string }{
		{"{me cart}", `{"data":{"me":"mia","cart":[]}}`},
		{`mutation {a: addToCart(sku: "tea") b: addToCart(sku: "mug")}`, `{"data":{"a":["tea"],"b":["tea","mug"]}}`},
		{"{cart}", `{"data":{"cart":["tea","mug"]}}`},
	} {
		if a := v.query(c.query); a.StatusCode != http.StatusOK || a.text != c.want {
			t.Errorf("%s: %s %s, want %s", c.query, a.Status, a.text, c.want)
		}
	}
	session, err := s.Sessions.Load(t.Context(), s.key)
	s.must(err)
	if cart, err := django.Value(session, "cart", []string{}); fmt.Sprint(cart) != "[tea mug]" || err != nil {
		t.Errorf("%v is stored, %v", cart, err)
	}

	// An anonymous visitor gets a session of their own.
	anonymous := newVisitor(t, url).as("")
	if a := anonymous.query(`mutation {addToCart(sku: "tea")}`); a.text != `{"data":{"addToCart":["tea"]}}` || anonymous.key() == "" {
		t.Errorf("%s %s, key %q", a.Status, a.text, anonymous.key())
	}
	if a := anonymous.query("{me cart}"); a.text != `{"data":{"me":null,"cart":["tea"]}}` {
		t.Errorf("%s %s", a.Status, a.text)
	}
	if a := v.query("{" + large + "}"); a.StatusCode != http.StatusBadRequest {
		t.Errorf("a query of a megabyte: %s", a.Status)
	}
	// A page of another site cannot change the cart.
	if a := v.send(http.MethodPost, "/", "{}", "Origin", "https://evil.example"); a.StatusCode != http.StatusForbidden {
		t.Errorf("of another site: %s", a.Status)
	}
}

// Whose login has ended sees nothing of the session, and an error is 503, not a GraphQL
// answer with its text.
func TestGraphQLAfterTheLogin(t *testing.T) {
	check := func(end func(*loginSite), status int, text string) func(*testing.T) {
		return func(t *testing.T) {
			s := newLoginSite(t)
			v := newVisitor(t, s.serve(s.Middleware(GraphQL(s.Site)))).as(s.key)
			v.query(`mutation {addToCart(sku: "tea")}`)
			end(s)
			if a := v.query("{me cart}"); a.StatusCode != status || a.text != text {
				t.Errorf("%s %s, want %d %s", a.Status, a.text, status, text)
			}
		}
	}
	for _, name := range []string{"logout", "password changed", "session expired"} {
		t.Run(name, check(endings[name], http.StatusOK, `{"data":{"me":null,"cart":[]}}`))
	}
	for name, fail := range failures {
		t.Run(name, check(fail, http.StatusServiceUnavailable, "Service Unavailable\n"))
	}
}

// Requests that add to one cart at once lose nothing.
func TestGraphQLAtOnce(t *testing.T) {
	s := newLoginSite(t)
	url := s.serve(s.Middleware(GraphQL(s.Site)))
	const requests = 8
	var wait sync.WaitGroup
	for range requests {
		v := newVisitor(t, url).as(s.key)
		r := v.request(http.MethodPost, "/", queryBody(`mutation {addToCart(sku: "tea")}`), "Content-Type", "application/json")
		wait.Go(func() {
			if a, err := v.do(r); err != nil || a.StatusCode != http.StatusOK {
				t.Error(a, err)
			}
		})
	}
	wait.Wait()
	session, err := s.Sessions.Load(t.Context(), s.key)
	s.must(err)
	if cart, err := django.Value(session, "cart", []string{}); len(cart) != requests || err != nil {
		t.Errorf("%d things are in the cart, want %d; %v", len(cart), requests, err)
	}
}
