package main

import (
	"crypto/rand"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// fakeShop behaves as the two programs do together, except for its faults: a
// walk that does not notice them proves nothing.
type fakeShop struct {
	faults  map[string]bool
	cookies bool // the engine signed_cookies: sessions cannot end, and each save makes another

	mu       sync.Mutex
	sessions map[string]*fakeSession
	password string
}

type fakeSession struct {
	user     string
	password string // at the login
	cart     []fakeLine
	by       string
}

type fakeLine struct {
	SKU      string
	Quantity int
}

func newFakeShop(faults ...string) *fakeShop {
	f := &fakeShop{faults: map[string]bool{}, sessions: map[string]*fakeSession{}, password: password}
	for _, name := range faults {
		f.faults[name] = true
	}
	return f
}

// The pages and the forms by path, and whose they are.
var (
	fakePlaces = map[string]string{
		"/": "django products", "/password/": "django password", "/admin/": "django admin",
		"/cart/": "go cart", "/login/": "go login", "/account/": "go account",
	}
	fakePosts = map[string]string{
		"/shop/cart/add/": "django", "/shop/cart/remove/": "django", "/shop/order/": "django", "/password/": "django",
		"/cart/add": "go", "/cart/remove": "go", "/login/": "go", "/logout/": "go",
	}
)

// fakeVisit is one request, with its session.
type fakeVisit struct {
	*fakeShop
	w      http.ResponseWriter
	r      *http.Request
	server string
	key    string
	*fakeSession
	token string
}

func (f *fakeShop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	v := &fakeVisit{fakeShop: f, w: w, r: r, server: fakePosts[r.URL.Path]}
	if r.Method == http.MethodGet {
		v.server, _, _ = strings.Cut(fakePlaces[r.URL.Path], " ")
	}
	if c, err := r.Cookie(sessionCookie); err == nil {
		v.key = c.Value
	}
	if v.fakeSession = f.sessions[v.key]; v.fakeSession == nil {
		v.key, v.fakeSession = "", &fakeSession{}
	} else if f.cookies {
		v.fakeSession = &fakeSession{v.user, v.fakeSession.password, slices.Clone(v.cart), v.by}
	}
	if c, err := r.Cookie("csrftoken"); err == nil {
		v.token = c.Value
	} else {
		v.renewToken()
	}
	if v.user != "" && v.fakeSession.password != f.password && !f.faults["keeps other logins at a new password"] {
		if f.faults["keeps the cart of a login that ended"] {
			v.user = ""
		} else {
			v.end()
		}
	}
	if r.Method == http.MethodGet {
		v.show()
	} else if v.refuses() {
		v.fail(http.StatusForbidden)
	} else {
		v.change()
	}
}

func (v *fakeVisit) cookie(name, value string, age int) {
	http.SetCookie(v.w, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: age})
}

func (v *fakeVisit) renewToken() {
	v.token = rand.Text()
	v.cookie("csrftoken", v.token, 0)
}

// end flushes the session.
func (v *fakeVisit) end() {
	if !v.faults["keeps sessions that ended"] && !v.cookies {
		delete(v.sessions, v.key)
	}
	v.key, v.fakeSession = "", &fakeSession{}
	v.cookie(sessionCookie, "", -1)
}

// cycle gives the session a new key.
func (v *fakeVisit) cycle(event string) {
	if v.faults["keeps the key at "+event] && v.key != "" {
		return
	}
	if !v.faults["keeps the old key valid at "+event] && !v.cookies {
		delete(v.sessions, v.key)
	}
	v.key = rand.Text()
}

func (v *fakeVisit) refuses() bool {
	if v.r.Header.Get("Origin") != "http://"+v.r.Host && !v.faults["takes forms of other sites in "+v.server] {
		return true
	}
	return v.r.PostFormValue("csrfmiddlewaretoken") != v.token && !v.faults["asks for no token in "+v.server]
}

func (v *fakeVisit) change() {
	if v.faults["fails in "+v.server] {
		v.w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	if v.by = map[string]string{"go": "Go", "django": "Django"}[v.server]; v.faults["forgets who wrote it in "+v.server] {
		v.by = "somebody"
	}
	next := map[string]string{"go": "/cart/", "django": "/"}[v.server]
	switch path := v.r.URL.Path; {
	case path == "/login/":
		if v.r.PostFormValue("password") != v.fakeShop.password && !v.faults["takes any password"] {
			v.page("go login", !v.faults["says nothing of a wrong password"])
			return
		}
		next = v.logIn()
	case path == "/logout/":
		if next = "/"; !v.faults["does nothing at logout in "+v.r.PostFormValue("from")] {
			v.end()
			http.Redirect(v.w, v.r, next, http.StatusSeeOther)
			return
		}
	case path == "/password/":
		v.cycle("a new password")
		if next = "/account/"; !v.faults["forgets the new password"] {
			v.fakeShop.password = v.r.PostFormValue("new_password1")
		}
		if !v.faults["ends every login at a new password"] {
			v.fakeSession.password = v.fakeShop.password
		}
	case path == "/shop/order/":
		if !v.faults["loses the order"] {
			v.cart = nil
		}
	default:
		v.changeCart(strings.Contains(path, "add"))
	}
	if v.key == "" || v.cookies {
		v.key = rand.Text()
	}
	v.sessions[v.key] = v.fakeSession
	v.cookie(sessionCookie, v.key, 0)
	http.Redirect(v.w, v.r, next, http.StatusSeeOther)
}

func (v *fakeVisit) logIn() (next string) {
	v.cycle("login")
	v.user, v.fakeSession.password = v.r.PostFormValue("username"), v.fakeShop.password
	if v.faults["loses the cart at login"] {
		v.cart = nil
	}
	if !v.faults["keeps the token at login"] {
		v.renewToken()
	}
	next = v.r.PostFormValue("next")
	if strings.HasPrefix(next, "//") && !v.faults["leads away"] {
		next = "/"
	}
	return next
}

func (v *fakeVisit) changeCart(add bool) {
	sku := v.r.PostFormValue("sku")
	i := slices.IndexFunc(v.cart, func(l fakeLine) bool { return l.SKU == sku })
	switch {
	case add && v.faults["loses an add in "+v.server] && v.user != "":
	case add && i < 0:
		v.cart = append(v.cart, fakeLine{sku, 1})
	case add:
		v.cart[i].Quantity++
		if v.faults["reorders"] {
			slices.SortFunc(v.cart, func(a, b fakeLine) int { return strings.Compare(b.SKU, a.SKU) })
		}
	case i >= 0 && !v.faults["does not remove in "+v.server]:
		v.cart = slices.Delete(v.cart, i, i+1)
	}
}

// fail answers with the server's error page.
func (v *fakeVisit) fail(status int) {
	v.w.WriteHeader(status)
	if !v.faults["has no error page in "+v.server] {
		v.page(v.server+" error", false)
	}
}

func (v *fakeVisit) show() {
	path := v.r.URL.Path
	if strings.HasSuffix(path, "/nothing") {
		if v.server = "django"; strings.HasPrefix(path, "/cart/") {
			v.server = "go"
		}
		v.fail(http.StatusNotFound)
		return
	}
	if v.faults["greets every visitor with a session"] {
		v.cookie(sessionCookie, "new", 0)
	}
	closed := path == "/account/" || path == "/password/" || path == "/admin/"
	if closed && v.user == "" && !v.faults["shows "+path+" to anybody"] {
		http.Redirect(v.w, v.r, "/login/?next="+path, http.StatusFound)
		return
	}
	v.page(fakePlaces[path], false)
}

func (v *fakeVisit) page(place string, alert bool) {
	server, name, _ := strings.Cut(place, " ")
	shown := *v.fakeSession
	if v.faults["is blind in "+place] {
		shown.user, shown.cart = "", nil
	}
	next := v.r.FormValue("next")
	if next == "" {
		next = "/cart/"
	}
	err := fakePage.Execute(v.w, map[string]any{
		"Server": server, "Name": name, "User": shown.user, "Cart": shown.cart, "By": shown.by, "Token": v.token, "Next": next, "Alert": alert,
		"Cartful": place == "go cart" || place == "django products",
		"Add":     map[string]string{"go": "/cart/add", "django": "/shop/cart/add/"}[server],
		"Remove":  map[string]string{"go": "/cart/remove", "django": "/shop/cart/remove/"}[server],
		"SKUs":    []string{"coffee", "tea", "mug", "filters"},
	})
	if err != nil {
		http.Error(v.w, err.Error(), http.StatusInternalServerError)
	}
}

var fakePage = template.Must(template.New("").Parse(`
{{define "token"}}<input type="hidden" name="csrfmiddlewaretoken" value="{{.Token}}">{{end}}
{{if eq .Name "admin"}}<div id="user-tools">Welcome, <strong>{{.User}}</strong></div>
{{else}}<body data-server="{{.Server}}" data-page="{{.Name}}">
<a class="brand" href="/">Shop</a> <a href="/password/">Password</a>
{{with .By}}<span class="by" data-by="{{.}}"></span>{{end}}
{{with .User}}<b data-user="{{.}}"></b>{{end}}
<form method="post" action="/logout/">{{template "token" .}}<input type="hidden" name="from" value="{{.Server}}"></form>
{{if .Cartful}}
{{range .SKUs}}<form method="post" action="{{$.Add}}">{{template "token" $}}<input type="hidden" name="sku" value="{{.}}"></form>{{end}}
{{range .Cart}}<li data-sku="{{.SKU}}" data-quantity="{{.Quantity}}">
<form class="x" method="post" action="{{$.Remove}}">{{template "token" $}}<input type="hidden" name="sku" value="{{.SKU}}"></form>{{end}}
<form method="post" action="/shop/order/">{{template "token" .}}</form>
{{end}}
{{if eq .Name "login"}}{{if .Alert}}<p role="alert">The user name or the password is wrong.</p>{{end}}
<form method="post" action="/login/">{{template "token" .}}<input type="hidden" name="next" value="{{.Next}}">
<input name="username"><input name="password" type="password"></form>{{end}}
{{if eq .Name "password"}}<form method="post" action="/password/">{{template "token" .}}
<input type="password" name="old_password"><input type="password" name="new_password1"><input type="password" name="new_password2"></form>{{end}}
{{end}}`))
