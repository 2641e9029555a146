package csrf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"

	"github.com/djsession/djsession/internal/djversion"
	"github.com/djsession/djsession/internal/netloc"
)

const (
	fieldName = "csrfmiddlewaretoken"
	maxForm   = 10 << 20 // bytes of an urlencoded form, as in net/http
	maxUnread = 64 << 20 // bytes that are read of a multipart form after an error
)

// What Django accepts: a boundary in a Content-Type that is ASCII and, here alone, in
// lower case.
var (
	boundaryPattern  = regexp.MustCompile(`^[ -~]{0,200}[!-~]$`)
	multipartPattern = regexp.MustCompile(`^multipart/[[:ascii:]]*$`)
)

var (
	errTooManyFields = errors.New("csrf: the form has more fields than DATA_UPLOAD_MAX_NUMBER_FIELDS")
	errBoundary      = fmt.Errorf("csrf: the Content-Type has no usable boundary: %w", http.ErrMissingBoundary)
)

// formToken returns the last token in the form of a POST, "" if there is none, as the
// configured Django finds it. The handler can read the body again; for that *s is set to
// what keeps a multipart body. Bodies that are no form stay unread.
func (p *Protection) formToken(r *http.Request, s **spool) (string, error) {
	if r.Method != http.MethodPost || r.Body == nil {
		return "", nil
	}
	contentType := r.Header.Get("Content-Type")
	kind, params := parseHeader(contentType, p.version)
	if given, _, _ := strings.Cut(contentType, ";"); p.version.Before(djversion.V4_2) && kind != strings.TrimSpace(given) {
		return "", nil // those versions compare types by case
	}
	limit, body, boundary := p.settings.DataUploadMaxNumberFields, r.Body, params["boundary"]
	urlencoded, multipart := kind == "application/x-www-form-urlencoded", kind == "multipart/form-data"
	given := r.PostForm[fieldName]
	if len(given) == 0 && r.MultipartForm != nil { // by MultipartReader and ReadForm
		given = r.MultipartForm.Value[fieldName]
	}
	switch {
	case !urlencoded && !multipart:
		return "", nil
	case len(given) > 0: // a middleware outside has read the form
		return given[len(given)-1], nil
	case urlencoded:
		return urlencodedToken(r, limit)
	case !boundaryPattern.MatchString(boundary) || !multipartPattern.MatchString(contentType):
		return "", errBoundary
	}
	*s = &spool{length: r.ContentLength}
	form := io.TeeReader(body, *s)
	token, err := multipartToken(form, boundary, p.version, limit)
	if err != nil { // read on: many clients send the whole form before they read the answer
		if _, lost := io.Copy(io.Discard, io.LimitReader(form, maxUnread)); errors.Is(lost, errStorage) {
			err = lost
		}
	}
	r.Body = replay{io.MultiReader((*s).reader(), body), body}
	return token, err
}

// replay is a body that was read and can be read again.
type replay struct {
	io.Reader
	io.Closer
}

// urlencodedToken also parses the form for the handler. If that fails, the handler parses
// it again, to get the error itself.
func urlencodedToken(r *http.Request, limit int) (string, error) {
	body := r.Body
	text, err := io.ReadAll(io.LimitReader(body, maxForm+1))
	putBack := func() { r.Body = replay{io.MultiReader(bytes.NewReader(text), body), body} }
	putBack()
	switch {
	case err != nil:
		return "", err
	case len(text) > maxForm:
		return "", &http.MaxBytesError{Limit: maxForm}
	case limit > 0 && bytes.Count(text, []byte("&")) >= limit:
		return "", errTooManyFields
	}
	if err := r.ParseForm(); err != nil {
		r.PostForm, r.Form = nil, nil
	}
	putBack()
	token := ""
	for pair := range strings.SplitSeq(string(text), "&") {
		if name, value, _ := strings.Cut(pair, "="); netloc.UnquotePlus(name) == fieldName {
			token = netloc.UnquotePlus(value)
		}
	}
	return token, nil
}
