package main

import (
	"crypto/rand"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// fakeShop behaves as the two programs do together, except for its faults: a
// walk that does not notice them proves nothing.
type fakeShop struct {
	faults map[string]bool

	mu       sync.Mutex
	sessions map[string]*fakeSession
}

type fakeSession struct {
	user, csrf string
	cart       []fakeLine
}

type fakeLine struct {
	SKU      string
	Quantity int
}

func newFakeShop(faults ...string) *fakeShop {
	f := &fakeShop{faults: map[string]bool{}, sessions: map[string]*fakeSession{}}
	for _, name := range faults {
		f.faults[name] = true
	}
	return f
}

func (f *fakeShop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	server := "django"
	if strings.HasPrefix(r.URL.Path, "/cart/") {
		server = "go"
	}
	key := ""
	if c, err := r.Cookie(sessionCookie); err == nil {
		key = c.Value
	}
	s := f.sessions[key]
	if s == nil {
		key, s = "", &fakeSession{csrf: "token"}
	}
	if r.Method == http.MethodGet {
		f.show(w, r, server, s)
		return
	}
	if r.Header.Get("Sec-Fetch-Site") != "same-origin" && !f.faults["accepts forged forms in "+server] {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	if server == "django" && r.PostFormValue("csrfmiddlewaretoken") != s.csrf && !f.faults["accepts forged forms in django"] {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	f.change(w, r, server, key, s)
}

func (f *fakeShop) change(w http.ResponseWriter, r *http.Request, server, key string, s *fakeSession) {
	sku, next := r.PostFormValue("sku"), map[string]string{"go": "/cart/", "django": "/"}[server]
	is := func(l fakeLine) bool { return l.SKU == sku }
	switch path := strings.Trim(r.URL.Path, "/"); {
	case f.faults["fails in "+server]:
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	case strings.HasSuffix(path, "cart/add"):
		if f.faults["loses an add in "+server] && s.user != "" {
			break
		}
		if i := slices.IndexFunc(s.cart, is); i >= 0 {
			s.cart[i].Quantity++
			if f.faults["reorders"] {
				slices.SortFunc(s.cart, func(a, b fakeLine) int { return strings.Compare(b.SKU, a.SKU) })
			}
		} else {
			s.cart = append(s.cart, fakeLine{sku, 1})
		}
	case strings.HasSuffix(path, "cart/remove"):
		if !f.faults["does not remove in "+server] {
			s.cart = slices.DeleteFunc(s.cart, is)
		}
	case path == "login":
		old := key
		key, next = rand.Text(), "/cart/"
		switch {
		case f.faults["keeps the key at login"]:
			key = old
		case !f.faults["keeps the old key valid"]:
			delete(f.sessions, old)
		}
		s = &fakeSession{user: r.PostFormValue("username"), csrf: s.csrf, cart: slices.Clone(s.cart)}
		if f.faults["loses the cart at login"] {
			s.cart = nil
		}
	case path == "logout":
		if !f.faults["keeps the session at logout"] {
			delete(f.sessions, key)
		}
		if !f.faults["does nothing at logout"] {
			http.SetCookie(w, &http.Cookie{Name: sessionCookie, Path: "/", MaxAge: -1})
			http.Redirect(w, r, next, http.StatusSeeOther)
			return
		}
	}
	if key == "" {
		key = rand.Text()
	}
	f.sessions[key] = s
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: key, Path: "/"})
	http.Redirect(w, r, next, http.StatusSeeOther)
}

func (f *fakeShop) show(w http.ResponseWriter, r *http.Request, server string, s *fakeSession) {
	shown := *s
	if f.faults["is blind in "+server] && s.user != "" {
		shown.user, shown.cart = "", nil
	}
	if f.faults["greets every visitor with a session"] {
		http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: "new", Path: "/"})
	}
	at := map[string]string{"go": "/cart/add", "django": "/shop/cart/add/"}[server]
	err := fakePage.Execute(w, map[string]any{
		"Server": server, "User": shown.user, "Cart": shown.cart, "Csrf": s.csrf,
		"Add": at, "Remove": strings.Replace(at, "add", "remove", 1),
		"SKUs": []string{"coffee", "tea", "mug"}, "Path": r.URL.Path,
	})
	if err != nil {
		fmt.Fprint(w, err)
	}
}

var fakePage = template.Must(template.New("").Parse(`<body data-server="{{.Server}}">
<a class="brand" href="/">Shop</a> <a href="/login/?next=/cart/">Log in</a> <a href="/logout/">Log out</a>
{{with .User}}<b data-user="{{.}}"></b>{{end}}
{{range .SKUs}}<form method="post" action="{{$.Add}}">
<input type="hidden" name="csrfmiddlewaretoken" value="{{$.Csrf}}"><input type="hidden" name="sku" value="{{.}}"></form>{{end}}
{{range .Cart}}<li data-sku="{{.SKU}}" data-quantity="{{.Quantity}}">
<form method="post" action="{{$.Remove}}">
<input type="hidden" name="csrfmiddlewaretoken" value="{{$.Csrf}}"><input type="hidden" name="sku" value="{{.SKU}}"></form>{{end}}
{{if eq .Path "/login/"}}<form method="post" action="/login/"><input type="hidden" name="csrfmiddlewaretoken" value="{{.Csrf}}">
<input name="username"><input name="password" type="password"></form>{{end}}
{{if eq .Path "/logout/"}}<form method="post" action="/logout/">
<input type="hidden" name="csrfmiddlewaretoken" value="{{.Csrf}}"></form>{{end}}`))
