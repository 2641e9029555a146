// Package fault makes errors that tell the sessions' HandleError who caused them.
package fault

import "strconv"

// Status is the kind of errors that a visitor causes: the HTTP status of the answer.
type Status int

const (
	BadRequest Status = 400
	Forbidden  Status = 403
	NotFound   Status = 404
)

func (s Status) Error() string { return "status " + strconv.Itoa(int(s)) }

// Error is an error of a kind, such as a [Status] or django.ErrProgram.
type Error struct {
	text string
	kind error
}

// New returns an error with this text that matches kind by errors.Is and errors.As.
func New(text string, kind error) error { return &Error{text, kind} }

func (e *Error) Error() string { return e.text }

func (e *Error) Unwrap() error { return e.kind }
