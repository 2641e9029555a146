package csrf

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/djsession/djsession/internal/djversion"
	"github.com/djsession/djsession/internal/pybase64"
)

const maxPartHeader = 1024 // bytes, as in Django

var errPartHeader = errors.New("csrf: the header of a part of the form is too large")

// multipartToken returns the last token in a multipart form, "" if there is none. Unlike
// mime/multipart, Django decodes parts in base64 and accepts a form without the last
// boundary. More fields than limit are an error, unless that is 0.
func multipartToken(body io.Reader, boundary string, v djversion.Version, limit int) (token string, err error) {
	count := 0
	parts := newPartScanner(body, boundary)
	for parts.Scan() {
		header, value, found := bytes.Cut(parts.Bytes(), []byte("\r\n\r\n"))
		var name, encoding string
		var isFile bool
		if found && len(header) <= maxPartHeader-len("\r\n\r\n") {
			name, encoding, isFile = parseField(header, v)
		} else if len(parts.Bytes()) >= maxPartHeader && !v.Before(djversion.V5_1) {
			return "", cmp.Or(parts.Err(), errPartHeader)
		} // else Django takes the part for text between the parts
		if isFile {
			continue
		}
		// Django also counts the text before the first boundary and after the last.
		if count++; limit > 0 && count-2 > limit {
			return "", errTooManyFields
		}
		if name == fieldName {
			token = decodeField(value, encoding, v)
		}
	}
	return token, parts.Err()
}

// parseField returns a part's name and transfer encoding, and whether it is a file.
func parseField(header []byte, v djversion.Version) (name, encoding string, isFile bool) {
	for line := range bytes.SplitSeq(header, []byte("\r\n")) {
		if !v.Before(djversion.V4_2) && !utf8.Valid(line) {
			continue
		}
		field, value, found := strings.Cut(string(line), ":")
		value, params := parseHeader(strings.TrimLeft(value, " "), v)
		field = strings.ToLower(strings.TrimRight(field, " "))
		if v.Before(djversion.V6_0) { // the colon may be in a parameter
			value, params = parseHeader(string(line), v)
			field, value, found = strings.Cut(value, ":")
		}
		if !found {
			continue
		}
		switch field {
		case "content-disposition":
			name, isFile = params["name"], params["filename"] != ""
		case "content-transfer-encoding":
			encoding = strings.TrimSpace(value)
		}
	}
	return strings.Trim(name, " \t\n\r\v\f"), encoding, isFile
}

// decodeField returns the text of a field. Text that is not valid base64 stays as it is.
func decodeField(value []byte, encoding string, v djversion.Version) string {
	if encoding != "base64" {
		return string(value)
	}
	if v.Before(djversion.V6_1) {
		if decoded, err := pybase64.AppendStd(nil, string(value)); err == nil {
			return string(decoded)
		}
	} else if !bytes.ContainsAny(value, "\r\n") { // which encoding/base64 skips
		if decoded, err := base64.StdEncoding.DecodeString(string(value)); err == nil {
			return string(decoded)
		}
	}
	return string(value)
}
