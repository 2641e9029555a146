package memcached

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/fault"
)

// ErrTooLarge: the session is larger than the server's limit for an item, 1 MiB unless it runs
// with -I. It was not stored, and the stored one stays as it was. It matches django.ErrTooLarge.
var ErrTooLarge = fault.New("memcached: the session is larger than the server's limit for an item: store less in it, or raise the limit with memcached's option -I", django.ErrTooLarge)

// errNoCAS: the server runs with -C.
var errNoCAS = fault.New("memcached: the server runs without compare-and-swap: start it without -C (--disable-cas)", django.ErrProgram)

// unreachable is an error from before anything was sent.
type unreachable struct{ err error }

func (e *unreachable) Error() string { return e.err.Error() }
func (e *unreachable) Unwrap() error { return e.err }

// abandoned is the error of a context that ended while a command was under way.
type abandoned struct{ err error }

func (e *abandoned) Error() string { return e.err.Error() }
func (e *abandoned) Unwrap() error { return e.err }

const tooLarge = "SERVER_ERROR object too large for cache"

// refusals are the answers with which memcached says that it has stored nothing. Proxies have
// others, such as "SERVER_ERROR timeout", after which the outcome is unknown.
var refusals = []string{
	tooLarge,
	"SERVER_ERROR out of memory storing object",
	"CLIENT_ERROR bad data chunk",
	"CLIENT_ERROR bad command line format",
	"ERROR",
}

// refusalOf returns which of the refusals gomemcache's error quotes, or "".
func refusalOf(err error) string {
	for _, line := range refusals {
		if strings.HasSuffix(err.Error(), ": "+strconv.Quote(line+"\r\n")) {
			return line
		}
	}
	return ""
}

// broken reports whether an error means that the connection is gone.
func broken(err error) bool {
	if _, ok := errors.AsType[*net.OpError](err); ok {
		_, notSent := errors.AsType[*unreachable](err)
		return !notSent && !errors.Is(err, os.ErrDeadlineExceeded)
	}
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// fail returns the error of a command, except those of gomemcache about the item. If it is
// unknown whether a command that writes took effect, that is a django.ErrOutcomeUnknown. The
// texts of gomemcache may quote what the server sent, and that a key: they are not shown.
func (s *server) fail(op string, writes bool, err error) error {
	refusal := refusalOf(err)
	_, notSent := errors.AsType[*unreachable](err)
	_, gone := errors.AsType[*abandoned](err)
	_, network := errors.AsType[*net.OpError](err)
	shown := err
	switch {
	case refusal == tooLarge:
		return ErrTooLarge
	case refusal != "":
		shown = fmt.Errorf("the server answered %q", refusal)
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		shown = io.ErrUnexpectedEOF
	case !notSent && !gone && !network:
		shown = errors.New("the server's answer is not one of memcached's")
	}
	if writes && refusal == "" && !notSent {
		return fmt.Errorf("memcached: %s: server %s: %w: %w", op, s.name, django.ErrOutcomeUnknown, shown)
	}
	return fmt.Errorf("memcached: %s: server %s: %w", op, s.name, shown)
}
