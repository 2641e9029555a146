package compat

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

// formRequest is an argument of the worker's answer_forms.
type formRequest struct {
	Method  string      `json:"method"`
	Secure  bool        `json:"secure"`
	Port    string      `json:"port"` // the server's
	Path    string      `json:"path"` // which view
	Query   string      `json:"query"`
	Headers [][2]string `json:"headers"`
	Body    string      `json:"body"` // hex
}

// String describes the request in a test's failure.
func (asked formRequest) String() string {
	return fmt.Sprintf("%s %s %s secure=%t port=%s %q body=%s", asked.Method, asked.Path, asked.Query, asked.Secure, asked.Port, asked.Headers, asked.Body)
}

// made returns the request as Go's server would pass it to a handler.
func (asked formRequest) made(t *testing.T) *http.Request {
	t.Helper()
	body, err := hex.DecodeString(asked.Body)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(asked.Method, "/", bytes.NewReader(body))
	r.URL.Path, r.URL.RawQuery = asked.Path, asked.Query
	port, err := strconv.Atoi(asked.Port)
	if err != nil {
		t.Fatal(err)
	}
	r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, &net.TCPAddr{IP: net.IPv6loopback, Port: port}))
	if asked.Secure {
		r.TLS = &tls.ConnectionState{}
	}
	for _, h := range asked.Headers {
		if h[0] == "Host" {
			r.Host = h[1]
			continue
		}
		r.Header.Add(h[0], h[1])
	}
	return r
}

// formNote is a field beside the token, which the view must still receive.
const formNote = "a&b ü"

// request encodes the draft for a site, with the given cookies.
func (d draft) request(headerName, cookies string) formRequest {
	asked := formRequest{Method: d.method, Secure: d.secure, Port: d.port, Path: d.path, Query: d.query}
	header := func(name string, values ...string) {
		for _, value := range values {
			asked.Headers = append(asked.Headers, [2]string{name, value})
		}
	}
	const field = "csrfmiddlewaretoken"
	wrong := strings.Repeat("w", 2*secretLength)
	fields := [][2]string{{"note", formNote}}
	add := func(values ...string) {
		for _, value := range values {
			fields = append(fields, [2]string{field, value})
		}
	}
	switch d.place {
	case "field":
		add(d.token)
	case "header":
		header(headerName, d.token)
	case "another header":
		header("X-Another-Token", d.token)
	case "both":
		add(d.token)
		header(headerName, d.token)
	case "field, header wrong":
		add(d.token)
		header(headerName, wrong)
	case "header, field wrong":
		add(wrong)
		header(headerName, d.token)
	case "header, field empty":
		add("")
		header(headerName, d.token)
	case "field, header empty":
		add(d.token)
		header(headerName, "")
	case "field twice, last right":
		add(wrong, d.token)
	case "field twice, last wrong":
		add(d.token, wrong)
	case "header twice":
		header(headerName, d.token, d.token)
	case "query":
		asked.Query = field + "=" + url.QueryEscape(d.token)
	case "query, wrong field":
		asked.Query = field + "=" + url.QueryEscape(d.token)
		add(wrong)
	case "a field in capitals":
		fields = append(fields, [2]string{strings.ToUpper(field), d.token})
	case "nowhere":
	}
	body, contentType := d.encoded(fields)
	asked.Body = hex.EncodeToString(body)
	if contentType != "" {
		header("Content-Type", contentType)
	}
	header("Host", d.host)
	header("Origin", d.origin...)
	header("Referer", d.referer...)
	asked.Headers = append(asked.Headers, d.headers...)
	if cookies != "" {
		header("Cookie", cookies)
	}
	return asked
}

// encoded returns a form's body and its Content-Type.
func (d draft) encoded(fields [][2]string) ([]byte, string) {
	kind, detail, _ := strings.Cut(d.body, ", ")
	switch kind {
	case "multipart":
		return encodeMultipart(detail, fields)
	case "json":
		return []byte(`{"csrfmiddlewaretoken": "` + d.token + `"}`), "application/json"
	case "empty":
		return nil, ""
	}
	text := ""
	for i, f := range fields {
		if i > 0 {
			text += "&"
		}
		text += url.QueryEscape(f[0]) + "=" + url.QueryEscape(f[1])
	}
	contentType := "application/x-www-form-urlencoded"
	switch d.body {
	case "urlencoded, charset":
		contentType += "; charset=utf-8"
	case "urlencoded, capitals":
		contentType = "Application/X-WWW-Form-Urlencoded"
	case "urlencoded, escaped":
		text = strings.ReplaceAll(text, "csrf", "%63sr%66")
	case "urlencoded, odd":
		text = "percent=100%&&=&" + text + "&%zz=%"
	case "urlencoded, semicolon before":
		text = "a=1;b=2&" + text
	case "urlencoded, semicolon":
		text = strings.ReplaceAll(text, "&", ";")
	case "text":
		contentType = "text/plain"
	case "no type":
		contentType = ""
	case "odd type":
		contentType = "application/x-www-form-urlencoded/;=;"
	}
	return []byte(text), contentType
}

func encodeMultipart(detail string, fields [][2]string) ([]byte, string) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	// A buffer does not fail, and the boundary is valid.
	_ = w.SetBoundary("boundary-of-the-form")
	contentType := w.FormDataContentType()
	if detail == "file before" {
		file, _ := w.CreateFormFile("photo", "photo.jpg")
		_, _ = file.Write(bytes.Repeat([]byte{0xff, 0x00, '\r', '\n', '-'}, 2000))
	}
	for _, f := range fields {
		header := textproto.MIMEHeader{"Content-Disposition": {`form-data; name="` + f[0] + `"`}}
		if strings.HasPrefix(f[0], "csrf") && detail == "token a file" {
			header.Set("Content-Disposition", header.Get("Content-Disposition")+`; filename="token.txt"`)
		}
		if strings.HasPrefix(f[0], "csrf") && detail == "token in base64" {
			header.Set("Content-Transfer-Encoding", "base64")
			f[1] = base64.StdEncoding.EncodeToString([]byte(f[1]))
		}
		part, _ := w.CreatePart(header)
		_, _ = part.Write([]byte(f[1]))
	}
	_ = w.Close()
	body := b.Bytes()
	switch detail {
	case "charset":
		contentType += "; charset=utf-8"
	case "cut short":
		body = body[:len(body)-30]
	case "boundary missing":
		contentType = "multipart/form-data"
	case "not that boundary":
		contentType = "multipart/form-data; boundary=another"
	}
	return body, contentType
}
