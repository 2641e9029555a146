package messages

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/djsession/djsession/serializer"
)

// A stored list of messages is a JSON list of lists ["__json_message", 0 or 1 if the text is
// safe, level, text], with the extra tags at the end if there are some.
const (
	messageMark = `"__json_message"`
	// notFinished is the last item in a cookie if further messages are elsewhere.
	notFinished = `"__messagesnotfinished__"`
)

var errNotMessages = errors.New("not a list of messages as Django writes it")

// record is a message and what is written of it, in JSON: Python's int and str hold what
// Go's do not.
type record struct {
	Message
	level, text, tags string // tags is "" for Django's None
}

// newRecord returns the record of a message that a handler adds.
func newRecord(msg Message) (*record, error) {
	rec := &record{Message: msg, level: strconv.Itoa(msg.Level)}
	for _, field := range []struct {
		to    *string
		value string
	}{{&rec.text, msg.Text}, {&rec.tags, msg.ExtraTags}} {
		value, err := serializer.Encode(field.value)
		if err != nil {
			return nil, fmt.Errorf("messages: Add: %w", err)
		}
		*field.to = string(value.Bytes())
	}
	return rec, nil
}

// decodeList reads a list. finished is false if it ends with notFinished.
func decodeList(text string) (list []*record, finished bool, err error) {
	value, err := serializer.Parse([]byte(text))
	if err != nil {
		return nil, false, err
	}
	items, err := itemsOf(value)
	if err != nil {
		return nil, false, err
	}
	finished = true
	if n := len(items); n > 0 && string(items[n-1].Bytes()) == notFinished {
		items, finished = items[:n-1], false
	}
	for _, item := range items {
		rec, err := decodeRecord(item)
		if err != nil {
			return nil, false, err
		}
		list = append(list, rec)
	}
	return list, finished, nil
}

func itemsOf(v serializer.Value) (items []serializer.Value, err error) {
	if v.Kind() != serializer.Array || v.Decode(&items) != nil {
		return nil, errNotMessages
	}
	return items, nil
}

func decodeRecord(v serializer.Value) (*record, error) {
	parts, err := itemsOf(v)
	if err != nil {
		return nil, err
	}
	if len(parts) < 4 || len(parts) > 5 || string(parts[0].Bytes()) != messageMark || parts[1].Kind() != serializer.Int || parts[2].Kind() != serializer.Int {
		return nil, errNotMessages
	}
	rec := &record{level: string(parts[2].Bytes())}
	rec.Safe = string(parts[1].Bytes()) != "0"
	rec.Level = nearestInt(rec.level)
	if rec.text, err = decodeString(parts[3], &rec.Text); err != nil {
		return nil, err
	}
	if len(parts) == 5 && !parts[4].IsNull() {
		rec.tags, err = decodeString(parts[4], &rec.ExtraTags)
	}
	return rec, err
}

// decodeString decodes a string, and returns it as Python would write it.
func decodeString(v serializer.Value, into *string) (string, error) {
	if v.Kind() != serializer.String || v.Decode(into) != nil {
		return "", errNotMessages
	}
	again, err := serializer.Encode(*into)
	return string(again.Bytes()), err
}

func nearestInt(digits string) int {
	n, err := strconv.Atoi(digits)
	switch {
	case err == nil:
		return n
	case strings.HasPrefix(digits, "-"):
		return math.MinInt
	}
	return math.MaxInt
}

// encodeList is the opposite of decodeList, as the site's Django writes it.
func (f format) encodeList(list []*record, spaced, finished bool) string {
	separator := ","
	if spaced {
		separator = ", "
	}
	b := []byte{'['}
	for i, rec := range list {
		if i > 0 {
			b = append(b, separator...)
		}
		safe := "0"
		if rec.Safe {
			safe = "1"
		}
		b = append(b, '[')
		for _, part := range []string{messageMark, separator, safe, separator, rec.level, separator, rec.text} {
			b = append(b, part...)
		}
		if rec.tags != "" && (rec.ExtraTags != "" || f.keepsEmptyTags()) {
			b = append(append(b, separator...), rec.tags...)
		}
		b = append(b, ']')
	}
	if !finished {
		if len(list) > 0 {
			b = append(b, separator...)
		}
		b = append(b, notFinished...)
	}
	return string(append(b, ']'))
}
