package otelsession

import (
	"fmt"

	"github.com/djsession/djsession/django"
)

// errorType is error.type of an operation that failed: its outcome, or else the Go type of
// the innermost error, or "_OTHER" for one that has only a text.
func errorType(e django.Event) string {
	if e.Outcome != django.OutcomeFailed {
		return string(e.Outcome)
	}
	name := fmt.Sprintf("%T", innermost(e.Err))
	if name == "*errors.errorString" {
		return "_OTHER"
	}
	return name
}

// innermost unwraps err. Of several errors the last is the cause.
func innermost(err error) error {
	for {
		var inner error
		switch e := err.(type) {
		case interface{ Unwrap() error }:
			inner = e.Unwrap()
		case interface{ Unwrap() []error }:
			if all := e.Unwrap(); len(all) > 0 {
				inner = all[len(all)-1]
			}
		}
		if inner == nil {
			return err
		}
		err = inner
	}
}
