package csrf

import (
	"bytes"
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

// multipartToken returns the last token in a multipart form, "" if there is none.
// It reads the form as Django does, which package mime/multipart does not: a part
// in base64 is decoded, the last boundary may be missing. More fields than limit are an
// error, unless that is 0.
func multipartToken(body io.Reader, boundary string, v djversion.Version, limit int) (token string, err error) {
	parts := newPartReader(body, boundary)
	for count := 0; ; {
		part, err := parts.next()
		if err == io.EOF {
			return token, nil
		}
		if err != nil {
			return "", err
		}
		header, value, found := bytes.Cut(part, []byte("\r\n\r\n"))
		var name, encoding string
		var isFile bool
		if found && len(header) <= maxPartHeader-len("\r\n\r\n") {
			name, encoding, isFile = fieldOf(header, v)
		} else if len(part) >= maxPartHeader && !v.Before(djversion.V5_1) {
			return "", errPartHeader
		} // else Django takes the part for text between the parts
		if isFile {
			continue
		}
		// Django counts the text before the first boundary and after the last one, too.
		if count++; limit > 0 && count-2 > limit {
			return "", errTooManyFields
		}
		if name == fieldName {
			token = decodeField(value, encoding, v)
		}
	}
}

// fieldOf returns a part's name and transfer encoding, and whether it is a file.
func fieldOf(header []byte, v djversion.Version) (name, encoding string, isFile bool) {
	for line := range bytes.SplitSeq(header, []byte("\r\n")) {
		if !v.Before(djversion.V4_2) && !utf8.Valid(line) {
			continue
		}
		field, value, params, ok := parsePartHeader(string(line), v)
		if !ok {
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

// parsePartHeader splits a line of a part's header. ok is false if it is none.
func parsePartHeader(line string, v djversion.Version) (field, value string, params map[string]string, ok bool) {
	if v.Before(djversion.V6_0) {
		line, params = parseHeader(line, v)
		field, value, ok = strings.Cut(line, ":")
		return field, value, params, ok
	}
	field, value, ok = strings.Cut(line, ":")
	value, params = parseHeader(strings.TrimLeft(value, " "), v)
	return strings.ToLower(strings.TrimRight(field, " ")), value, params, ok
}

// decodeField returns the text of a field. What is not in base64 although its part
// says so stays as it is.
func decodeField(value []byte, encoding string, v djversion.Version) string {
	if encoding == "base64" {
		if v.Before(djversion.V6_1) {
			if decoded, err := pybase64.AppendStd(nil, string(value)); err == nil {
				value = decoded
			}
		} else if decoded, err := base64.StdEncoding.DecodeString(string(value)); err == nil && !bytes.ContainsAny(value, "\r\n") {
			value = decoded
		}
	}
	return string(value)
}
