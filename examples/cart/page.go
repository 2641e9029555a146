package main

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"runtime"
	"strings"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/messages"
)

//go:embed pages
var pageFiles embed.FS

// Both servers' pages share these.
var (
	//go:embed shop/templates/style.css
	styleCSS string
	//go:embed shop/templates/try.html
	tryHTML string
)

var goVersion = strings.TrimPrefix(runtime.Version(), "go")

var pageTemplates = map[string]*template.Template{
	"account": parsePage("account"),
	"cart":    parsePage("cart"),
	"error":   parsePage("error"),
	"login":   parsePage("login"),
}

func parsePage(name string) *template.Template {
	return template.Must(template.ParseFS(pageFiles, "pages/base.html", "pages/"+name+".html"))
}

// page is what pages/base.html shows, around the content of one page.
type page struct {
	Name      string
	Style     template.CSS
	User      auth.User
	Next      string        // where a login leads to
	CSRF      template.HTML // for every form that posts
	Count     int           // of the products in the cart
	Session   shownSession
	Messages  []messages.Message // Django's too
	Try       template.HTML
	GoVersion string
	Content   any
}

func (s *service) showPage(w http.ResponseWriter, r *http.Request, name string, content any) error {
	user, err := s.logins.User(r)
	if err != nil {
		return err
	}
	token, err := s.forms.Input(r)
	if err != nil {
		return err
	}
	session, err := s.sessions.Get(r)
	if err != nil {
		return err
	}
	flashes, err := s.messages.Get(r)
	if err != nil {
		return err
	}
	cart, _ := cartOf(session) // only for the badge
	p := page{
		Name:      name,
		Style:     template.CSS(styleCSS),
		User:      user,
		Next:      r.URL.Path,
		CSRF:      token,
		Count:     cart.Count(),
		Session:   showSession(session),
		Messages:  flashes,
		Try:       template.HTML(tryHTML),
		GoVersion: goVersion,
		Content:   content,
	}
	if name == "login" {
		p.Next = s.logins.NextURL(r)
	}
	// Into a buffer, so that an error can still be answered.
	var b bytes.Buffer
	if err := pageTemplates[name].ExecuteTemplate(&b, "base.html", p); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("X-Frame-Options", "DENY")
	// The page is personal.
	w.Header().Set("Cache-Control", "no-store")
	_, _ = b.WriteTo(w) // fails if the visitor has gone
	return nil
}
