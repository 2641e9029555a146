package csrf_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/djsession/djsession/csrf"
	"github.com/djsession/djsession/django"
)

// A form is rejected for the number of fields for which Django 3.2 and later reject it: what is
// between the parts of a multipart form counts, a file does not.
func TestNumberOfFieldsIsLimited(t *testing.T) {
	const (
		urlencoded = "application/x-www-form-urlencoded"
		multipart  = "multipart/form-data; boundary=b"
		head       = "--b\r\nContent-Disposition: form-data; name="
	)
	pairs := func(n int) string { return field + masked + strings.Repeat("&a=1", n-1) }
	token := head + "csrfmiddlewaretoken\r\n\r\n" + masked + "\r\n"
	fields := func(n int) string { return token + strings.Repeat(head+"a\r\n\r\n1\r\n", n-1) + "--b--" }
	for name, c := range map[string]struct {
		limit      int
		body, kind string
		want       int
	}{
		"urlencoded":            {5, pairs(5), urlencoded, 200},
		"urlencoded, one more":  {5, pairs(6), urlencoded, 403},
		"empty pairs":           {5, field + masked + "&&&&&", urlencoded, 403},
		"semicolons":            {5, "a=1;a=1;a=1;a=1;a=1;a=1&" + field + masked, urlencoded, 200},
		"multipart":             {5, fields(5), multipart, 200},
		"multipart, one more":   {5, fields(6), multipart, 403},
		"without an end":        {5, strings.TrimSuffix(fields(6), "--b--"), multipart, 200},
		"between the parts":     {5, strings.Repeat("--b", 4) + token + "--b--", multipart, 200},
		"and one more":          {5, strings.Repeat("--b", 5) + token + "--b--", multipart, 403},
		"files":                 {5, token + strings.Repeat(head+"a; filename=a\r\n\r\n1\r\n", 50) + "--b--", multipart, 200},
		"nothing but separator": {1000, strings.Repeat("--b", 2000) + token, multipart, 403},
		"Django's default":      {1000, pairs(1001), urlencoded, 403},
		"no limit":              {0, pairs(20_000), urlencoded, 200},
		"multipart, no limit":   {0, fields(20_000), multipart, 200},
	} {
		t.Run(name, func(t *testing.T) {
			var refused *csrf.Error
			st := newSite(t, func(s *django.Settings) { s.DataUploadMaxNumberFields = c.limit },
				csrf.WithErrorHandler(func(w http.ResponseWriter, r *http.Request, err error) {
					errors.As(err, &refused)
					csrf.DefaultErrorHandler(w, r, err)
				}))
			check(t, "status", st.serve(postBody(strings.NewReader(c.body), c.kind), ok).Code, c.want)
			if c.want == 200 {
				return
			}
			if refused == nil || refused.Reason != csrf.ReasonTokenMissing || refused.Unwrap() == nil {
				t.Errorf("rejected for %v", refused)
			}
			if !strings.Contains(st.logs.String(), "DATA_UPLOAD_MAX_NUMBER_FIELDS") {
				t.Errorf("the log does not say why:\n%s", st.logs)
			}
		})
	}
}
