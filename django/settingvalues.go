package django

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"strconv"
	"strings"
	"unicode"

	"github.com/djsession/djsession/internal/secret"
)

// What is wrong with the value of a setting. It is not quoted: it may be secret.
var (
	errText   = errors.New("must be text")
	errBool   = errors.New("must be True or False")
	errNumber = errors.New("must be a whole number")
	errList   = errors.New("must be a list: JSON, or texts separated by commas")
	errPair   = errors.New(`must be a list of two, such as ["HTTP_X_FORWARDED_PROTO", "https"]`)
	errFormat = errors.New("must be modern or pre31")
	errJSON   = errors.New("must be JSON, as djsession settings writes it")
)

// setFromText sets a setting from a variable.
func setFromText(p any, text string) error {
	switch p := p.(type) {
	case *string:
		if *p = text; text == `""` {
			*p = ""
		}
	case interface{ set(text string) }:
		p.set(text)
	case *Format:
		return setFormat(p, text)
	case *bool:
		b, err := parseBool(text)
		*p = b
		return err
	case **bool:
		b, err := parseBool(text)
		*p = &b
		return err
	case *int:
		return setNumber(text, p)
	case *int64:
		return setNumber(text, p)
	case *nameList:
		if strings.HasPrefix(strings.TrimSpace(text), "[") {
			return setFromJSON(p, []byte(text))
		}
		*p = strings.FieldsFunc(text, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
	case *[]string:
		if strings.HasPrefix(strings.TrimSpace(text), "[") {
			return setFromJSON(p, []byte(text))
		}
		*p = nil
		for one := range strings.SplitSeq(text, ",") {
			if one = strings.TrimSpace(one); one != "" {
				*p = append(*p, one)
			}
		}
	case *[2]string:
		if list := strings.Split(text, ","); len(list) == 2 && !strings.HasPrefix(strings.TrimSpace(text), "[") {
			*p = [2]string{strings.TrimSpace(list[0]), strings.TrimSpace(list[1])}
			return nil
		}
		return setFromJSON(p, []byte(text))
	default:
		return setFromJSON(p, []byte(text))
	}
	return nil
}

func parseBool(text string) (bool, error) {
	switch strings.ToLower(text) {
	case "true", "1", "yes", "on":
		return true, nil
	case "false", "0", "no", "off":
		return false, nil
	}
	return false, errBool
}

func setNumber[T int | int64](text string, p *T) error {
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 0)
	if err != nil {
		return errNumber
	}
	*p = T(n)
	return nil
}

func setFormat(p *Format, text string) error {
	switch text {
	case "modern":
		*p = FormatModern
	case "pre31":
		*p = FormatPre31
	default:
		return errFormat
	}
	return nil
}

// bytesText is a text that a file may hold as base64, because it is not UTF-8.
type bytesText string

func (t *bytesText) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		*t = bytesText(text)
		return nil
	}
	var encoded struct {
		Base64 *[]byte `json:"BASE64"`
	}
	if err := json.Unmarshal(data, &encoded); err != nil || encoded.Base64 == nil {
		return errText
	}
	*t = bytesText(*encoded.Base64)
	return nil
}

// setFromJSON sets a setting from the file.
func setFromJSON(p any, data []byte) error {
	switch p := p.(type) {
	case *string:
		return set(data, errText, func(v bytesText) { *p = string(v) })
	case interface{ set(text string) }:
		return set(data, errText, p.set)
	case *Format:
		return setFormat(p, strings.Trim(string(data), `"`))
	case *bool:
		return set(data, errBool, func(v bool) { *p = v })
	case **bool:
		return set(data, errBool, func(v bool) { *p = &v })
	case *int:
		return set(data, errNumber, func(v int) { *p = v })
	case *int64:
		return set(data, errNumber, func(v int64) { *p = v })
	case *nameList:
		return setFromJSON((*[]string)(p), data)
	case *[]string:
		return set(data, errList, func(v []bytesText) {
			*p = make([]string, len(v))
			for i, one := range v {
				(*p)[i] = string(one)
			}
		})
	case *[2]string:
		var pair []string
		if err := json.Unmarshal(data, &pair); err != nil || len(pair) != 2 {
			return errPair
		}
		*p = [2]string(pair)
	case *map[int]string:
		return set(data, errJSON, func(v map[int]string) { *p = v })
	case *map[string]Database:
		return set(data, errJSON, func(v map[string]databaseJSON) { *p = maps.Collect(each(v, databaseJSON.database)) })
	case *map[string]Cache:
		return set(data, errJSON, func(v map[string]cacheJSON) { *p = maps.Collect(each(v, cacheJSON.cache)) })
	case *UserModel:
		return set(data, errJSON, func(v userModelJSON) { *p = UserModel(v) })
	case *SessionModel:
		return set(data, errJSON, func(v sessionModelJSON) { *p = SessionModel(v) })
	}
	return nil
}

// set calls f with the value in data. An object with a name that T does not have is wrong.
func set[T any](data []byte, wrong error, f func(T)) error {
	var v T
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if string(data) == "null" || decoder.Decode(&v) != nil {
		return wrong
	}
	if _, err := decoder.Token(); err != io.EOF {
		return wrong // there is more
	}
	f(v)
	return nil
}

// each iterates over a map with its values converted.
func each[V, W any](m map[string]V, convert func(V) W) func(yield func(string, W) bool) {
	return func(yield func(string, W) bool) {
		for name, v := range m {
			if !yield(name, convert(v)) {
				return
			}
		}
	}
}

type databaseJSON struct {
	Driver   string `json:"DRIVER"`
	DSN      string `json:"DSN"`
	URL      string `json:"URL"`
	TimeZone string `json:"TIME_ZONE"`
}

func (d databaseJSON) database() Database {
	return Database{Driver: d.Driver, TimeZone: d.TimeZone, dsn: secret.New(d.DSN), url: secret.New(d.URL)}
}

type cacheJSON struct {
	Backend       string `json:"BACKEND"`
	Location      string `json:"LOCATION"`
	URL           string `json:"URL"`
	KeyPrefix     string `json:"KEY_PREFIX"`
	Version       *int   `json:"VERSION"`
	KeyFunction   string `json:"KEY_FUNCTION"`
	Serializer    string `json:"SERIALIZER"`
	Compressor    string `json:"COMPRESSOR"`
	MaxEntries    int    `json:"MAX_ENTRIES"`
	CullFrequency int    `json:"CULL_FREQUENCY"`
}

func (c cacheJSON) cache() Cache {
	version := 1
	if c.Version != nil {
		version = *c.Version
	}
	return Cache{
		Backend: c.Backend, KeyPrefix: c.KeyPrefix, Version: version, KeyFunction: c.KeyFunction,
		Serializer: c.Serializer, Compressor: c.Compressor, MaxEntries: c.MaxEntries, CullFrequency: c.CullFrequency,
		location: secret.New(c.Location), url: secret.New(c.URL),
	}
}

type userModelJSON struct {
	Label           string            `json:"LABEL"`
	Database        string            `json:"DATABASE"`
	Table           string            `json:"TABLE"`
	Key             string            `json:"KEY"`
	Columns         map[string]string `json:"COLUMNS"`
	SessionAuthHash string            `json:"SESSION_AUTH_HASH"`
}

type sessionModelJSON struct {
	Label        string   `json:"LABEL"`
	Database     string   `json:"DATABASE"`
	Table        string   `json:"TABLE"`
	KeyLength    int      `json:"KEY_LENGTH"`
	ExtraColumns []string `json:"EXTRA_COLUMNS"`
}
