package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/djsession/djsession/internal/origin"
)

// httpArgs is a request.
type httpArgs struct {
	Method    string      `json:"method"`
	URL       string      `json:"url"`
	Host      string      `json:"host"`
	Headers   [][2][]byte `json:"header_list"`
	Cookies   [][2]string `json:"cookies"`
	Body      []byte      `json:"body"`
	BodyError string      `json:"body_error"`
	TLS       bool        `json:"tls"`
	Port      string      `json:"port"` // of this server
}

// broken is a body whose reading fails.
type broken struct{ text string }

func (b broken) Read([]byte) (int, error) { return 0, errors.New(b.text) }

func (a *httpArgs) request(ctx context.Context) *http.Request {
	if n, err := strconv.Atoi(a.Port); err == nil {
		ctx = context.WithValue(ctx, http.LocalAddrContextKey, net.Addr(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: n}))
	}
	r := (&http.Request{
		Method: a.Method, URL: must(url.ParseRequestURI(a.URL)), RequestURI: a.URL, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{}, Host: a.Host, Body: io.NopCloser(bytes.NewReader(a.Body)), ContentLength: int64(len(a.Body)),
		RemoteAddr: "127.0.0.1:1234",
	}).WithContext(ctx)
	if a.BodyError != "" {
		r.Body, r.ContentLength = io.NopCloser(broken{a.BodyError}), 100
	}
	if a.TLS {
		r.TLS = new(tls.ConnectionState)
	}
	for _, h := range a.Headers {
		r.Header.Add(string(h[0]), string(h[1]))
	}
	var cookies []string
	for _, k := range a.Cookies {
		cookies = append(cookies, k[0]+"="+k[1])
	}
	if cookies != nil {
		r.Header.Set("Cookie", strings.Join(cookies, "; "))
	}
	return r
}

func init() {
	register(map[string]operation{
		"origin.host": withRequest(func(r *http.Request, s *origin.Settings) any {
			host, ok := s.Host(r)
			return map[string]any{"host": host, "ok": ok}
		}),
		"origin.port":   withRequest(func(r *http.Request, s *origin.Settings) any { return s.Port(r) }),
		"origin.scheme": withRequest(func(r *http.Request, s *origin.Settings) any { return s.Scheme(r) }),
	})
}

func withRequest(f func(*http.Request, *origin.Settings) any) operation {
	return func(c *call) (any, error) {
		a := argsOf[authArgs](c)
		s := &c.site().settings
		return f(a.HTTP.request(c.ctx()), &origin.Settings{
			DjangoVersion:        s.DjangoVersion,
			AllowedHosts:         s.AllowedHosts,
			UseXForwardedHost:    s.UseXForwardedHost,
			UseXForwardedPort:    s.UseXForwardedPort,
			SecureProxySSLHeader: s.SecureProxySSLHeader,
		}), nil
	}
}
