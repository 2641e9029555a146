package csrf

import (
	"bytes"
	"io"
	"mime"
	"net/http"
)

const (
	fieldName = "csrfmiddlewaretoken"

	maxForm            = 10 << 20 // bytes, as in net/http
	maxMultipartMemory = 2621440  // bytes, Django's FILE_UPLOAD_MAX_MEMORY_SIZE
)

// formToken returns the token in the form of a POST, "" if there is none. Of
// several the last counts, as for Django. Bodies of other types stay unread.
func formToken(r *http.Request) (string, error) {
	if r.Method != http.MethodPost || r.Body == nil {
		return "", nil
	}
	var values []string
	switch mediaType, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); mediaType {
	case "application/x-www-form-urlencoded":
		form, err := urlencodedForm(r)
		if err != nil {
			return "", err
		}
		values = form[fieldName]
	case "multipart/form-data":
		_ = r.ParseForm() // the query, whose mistakes are not ours to judge
		if err := r.ParseMultipartForm(maxMultipartMemory); err != nil {
			return "", err
		}
		values = r.MultipartForm.Value[fieldName]
	}
	if len(values) == 0 {
		return "", nil
	}
	return values[len(values)-1], nil
}

// urlencodedForm returns the body's form. The body is put back, and if some of it
// or of the query makes no sense to Go, the handler parses it once more: it is to
// get that error itself.
func urlencodedForm(r *http.Request) (map[string][]string, error) {
	body := r.Body
	text, err := io.ReadAll(io.LimitReader(body, maxForm+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxForm {
		return nil, &http.MaxBytesError{Limit: maxForm}
	}
	putBack := func() {
		r.Body = struct {
			io.Reader
			io.Closer
		}{bytes.NewReader(text), body}
	}
	putBack()
	err = r.ParseForm()
	putBack()
	form := r.PostForm
	if err != nil {
		r.PostForm, r.Form = nil, nil
	}
	return form, nil
}
