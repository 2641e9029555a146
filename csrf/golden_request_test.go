package csrf_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/djsession/djsession/csrf"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/origin"
)

type goldenRun struct {
	golden
	sites map[string]*goldenSite
}

type goldenSite struct {
	*site
	reason string // of the last rejection
}

func (run *goldenRun) site(t *testing.T, name string) *goldenSite {
	if gs := run.sites[name]; gs != nil {
		return gs
	}
	gs := new(goldenSite)
	gs.site = newSite(t, func(s *django.Settings) {
		s.DjangoVersion = run.Django
		s.AllowedHosts = []string{"example.com", ".shop.example", "[::1]"}
		for name, value := range run.Settings[name] {
			applySetting(t, s, name, value)
		}
	}, csrf.WithErrorHandler(func(w http.ResponseWriter, _ *http.Request, err error) {
		gs.reason = err.Error()
		w.WriteHeader(http.StatusForbidden)
	}), csrf.WithExempt(func(r *http.Request) bool { return r.Header.Get("Exempt") != "" }))
	run.sites[name] = gs
	return gs
}

func applySetting(t *testing.T, s *django.Settings, name string, value any) {
	text, _ := value.(string)
	texts := []string{}
	if list, ok := value.([]any); ok {
		for _, v := range list {
			texts = append(texts, v.(string))
		}
	}
	switch name {
	case "CSRF_USE_SESSIONS":
		s.CSRFUseSessions = value.(bool)
	case "SESSION_COOKIE_DOMAIN":
		s.SessionCookieDomain = text
	case "CSRF_COOKIE_DOMAIN":
		s.CSRFCookieDomain = text
	case "CSRF_TRUSTED_ORIGINS":
		s.CSRFTrustedOrigins = texts
	case "SECURE_PROXY_SSL_HEADER":
		s.SecureProxySSLHeader = [2]string(texts)
	case "USE_X_FORWARDED_HOST":
		s.UseXForwardedHost = value.(bool)
	case "USE_X_FORWARDED_PORT":
		s.UseXForwardedPort = value.(bool)
	case "CSRF_HEADER_NAME":
		s.CSRFHeaderName = text
	case "CSRF_COOKIE_NAME":
		s.CSRFCookieName = text
	case "CSRF_COOKIE_AGE":
		seconds, _ := value.(float64)
		s.CSRFCookieAge = int64(seconds)
	case "CSRF_COOKIE_MASKED":
		s.CSRFCookieMasked = value.(bool)
	case "CSRF_COOKIE_PATH":
		s.CSRFCookiePath = text
	case "CSRF_COOKIE_SECURE":
		s.CSRFCookieSecure = value.(bool)
	case "CSRF_COOKIE_HTTPONLY":
		s.CSRFCookieHTTPOnly = value.(bool)
	case "CSRF_COOKIE_SAMESITE":
		s.CSRFCookieSameSite = django.SameSite(text)
	default:
		t.Fatalf("unknown setting %s", name)
	}
}

func (run *goldenRun) request(t *testing.T, gs *goldenSite, c goldenCase) *http.Request {
	settings := gs.sessions.Settings()
	target := "/form"
	if c.Query != nil {
		target += "?" + field + url.QueryEscape(run.text(*c.Query))
	}
	contentType := "application/x-www-form-urlencoded"
	if c.Type != nil {
		contentType = *c.Type
	}
	var body bytes.Buffer
	if c.Raw != nil {
		body.WriteString(run.expanded(*c.Raw))
	} else if contentType == "multipart/form-data" {
		w := multipart.NewWriter(&body)
		for _, v := range c.Field {
			must(t, w.WriteField("csrfmiddlewaretoken", run.text(v)))
		}
		must(t, w.Close())
		contentType = w.FormDataContentType()
	} else {
		for _, v := range c.Field {
			body.WriteString(field + url.QueryEscape(run.text(v)) + "&")
		}
	}
	r := httptest.NewRequest(c.Method, target, &body)
	r.Host = c.Host
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	if c.Origin != nil {
		r.Header.Set("Origin", *c.Origin)
	}
	if c.Referer != nil {
		r.Header.Set("Referer", *c.Referer)
	}
	for _, v := range c.Header {
		r.Header.Add(origin.HeaderName(settings.CSRFHeaderName), run.text(v))
	}
	if c.Forwarded {
		r.Header.Set("X-Forwarded-Proto", "https")
		r.Header.Set("X-Forwarded-Host", "a.shop.example")
		r.Header.Set("X-Forwarded-Port", "8443")
	}
	port := 80
	if c.Secure {
		r.TLS, port = new(tls.ConnectionState), 443
	}
	if c.Port != "" {
		var err error
		port, err = strconv.Atoi(c.Port)
		must(t, err)
	}
	if strings.HasSuffix(c.View, "exempt") {
		r.Header.Set("Exempt", "yes")
	}
	if !settings.CSRFUseSessions && len(c.Held) > 0 {
		cookies := ""
		for _, v := range c.Held {
			cookies += settings.CSRFCookieName + "=" + run.text(v) + "; "
		}
		r.Header.Set("Cookie", strings.TrimSuffix(cookies, "; "))
	}
	return r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, &net.TCPAddr{IP: net.IPv6loopback, Port: port}))
}

// expanded is the script's function expand.
func (run *goldenRun) expanded(raw string) string {
	token := []byte(run.text("masked2"))
	encoded := base64.StdEncoding.EncodeToString(token)
	pairs := []string{
		"{base64}", encoded, "{base64 open}", strings.TrimRight(encoded, "="), "{base64 lines}", encoded[:76] + "\n" + encoded[76:] + "\n", "{base64 url}", encoded + "-_",
		"{secret base64}", base64.StdEncoding.EncodeToString([]byte(run.text("secret"))), "{padding}", strings.Repeat("x", 70000),
	}
	for name, value := range run.Values {
		pairs = append(pairs, "{"+name+"}", fmt.Sprint(value))
	}
	return strings.NewReplacer(pairs...).Replace(raw)
}

func (run *goldenRun) text(name string) string {
	text, ok := run.Values[name].(string)
	if !ok {
		panic("no text: " + name)
	}
	return text
}
