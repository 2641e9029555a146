package csrf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/djsession/djsession/internal/djversion"
	"github.com/djsession/djsession/internal/netloc"
)

const (
	fieldName = "csrfmiddlewaretoken"

	maxForm = 10 << 20 // bytes of an urlencoded form, as in net/http
)

// formToken returns the token in the form of a POST, "" if there is none, as this
// Django finds it. Of several the last counts. The handler can read the body as if
// it had not been read, the body being spooled into s if it has to be; bodies of
// other types stay unread.
func (p *Protection) formToken(r *http.Request, s *spool) (string, error) {
	v, limit := p.version, p.settings.DataUploadMaxNumberFields
	if r.Method != http.MethodPost || r.Body == nil {
		return "", nil
	}
	contentType := r.Header.Get("Content-Type")
	kind, params := parseHeader(contentType, v)
	if v.Before(djversion.V4_2) {
		if given, _, _ := strings.Cut(contentType, ";"); kind != strings.TrimSpace(given) {
			return "", nil // those versions tell types apart by case
		}
	}
	switch kind {
	case "application/x-www-form-urlencoded":
		if len(r.PostForm) > 0 { // read by a middleware outside
			return last(r.PostForm[fieldName]), nil
		}
		return urlencodedToken(r, limit)
	case "multipart/form-data":
		if r.MultipartForm != nil {
			return last(r.MultipartForm.Value[fieldName]), nil
		}
		boundary, err := boundaryOf(contentType, params)
		if err != nil {
			return "", err
		}
		if err := s.fill(r); err != nil {
			return "", err
		}
		return multipartToken(s.reader(), boundary, v, limit)
	}
	return "", nil
}

func last(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[len(values)-1]
}

var errTooManyFields = errors.New("csrf: the form has more fields than DATA_UPLOAD_MAX_NUMBER_FIELDS")

// urlencodedToken returns the token in the body's form, which is parsed. The body
// is put back, and if some of it or of the query makes no sense to Go, the handler
// parses it once more: it is to get that error itself.
func urlencodedToken(r *http.Request, limit int) (string, error) {
	body := r.Body
	text, err := io.ReadAll(io.LimitReader(body, maxForm+1))
	if err != nil {
		return "", err
	}
	if len(text) > maxForm {
		return "", &http.MaxBytesError{Limit: maxForm}
	}
	if limit > 0 && bytes.Count(text, []byte("&")) >= limit {
		return "", errTooManyFields
	}
	putBack := func() { r.Body = replay{bytes.NewReader(text), body} }
	putBack()
	err = r.ParseForm()
	putBack()
	if err != nil {
		r.PostForm, r.Form = nil, nil
	}
	token := ""
	for pair := range strings.SplitSeq(string(text), "&") {
		if name, value, _ := strings.Cut(pair, "="); netloc.UnquotePlus(name) == fieldName {
			token = netloc.UnquotePlus(value)
		}
	}
	return token, nil
}

// replay is a body that has been read and can be read again.
type replay struct {
	io.Reader
	io.Closer
}

var errBoundary = fmt.Errorf("csrf: the Content-Type has no usable boundary: %w", http.ErrMissingBoundary)

// boundaryOf returns the boundary of a multipart form, which Django wants to be
// up to 201 visible characters and spaces, no space at the end.
func boundaryOf(contentType string, params map[string]string) (string, error) {
	boundary := params["boundary"]
	outside := func(s string) bool { return strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) }
	switch n := len(boundary); {
	case n == 0 || n > 201 || boundary[n-1] == ' ' || outside(boundary), strings.ContainsFunc(contentType, func(r rune) bool { return r > 0x7f }):
		return "", errBoundary
	case !strings.HasPrefix(contentType, "multipart/"):
		return "", errBoundary // Django looks at the case here, if nowhere else
	}
	return boundary, nil
}
