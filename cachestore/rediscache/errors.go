package rediscache

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/djsession/djsession/django"
)

// errNoScript: the server does not have the script yet, or has forgotten it.
var errNoScript = errors.New("rediscache: the server does not have the script")

// failRead returns the error of a command that reads.
func failRead(ctx context.Context, op, key string, err error) error {
	if err == redis.Nil {
		return django.ErrNotFound
	}
	cause := causeOf(ctx, key, err)
	if redis.HasErrorPrefix(err, "WRONGTYPE") {
		return fmt.Errorf("%w: rediscache: %s: %w", django.ErrUnreadable, op, cause)
	}
	return fmt.Errorf("rediscache: %s: %w", op, cause)
}

// failWrite returns the error of a command that writes, whose value tells whether it was sent.
func failWrite(ctx context.Context, op, key string, value *sent, err error) error {
	if redis.HasErrorPrefix(err, "NOSCRIPT") {
		return errNoScript
	}
	if u, ok := err.(*unsure); ok {
		return fmt.Errorf("rediscache: %s: %w: %w", op, django.ErrOutcomeUnknown, causeOf(ctx, key, u.error))
	}
	cause := causeOf(ctx, key, err)
	if _, answered := errors.AsType[*answer](cause); answered || !value.was {
		return fmt.Errorf("rediscache: %s: %w", op, cause)
	}
	return fmt.Errorf("rediscache: %s: %w: %w", op, django.ErrOutcomeUnknown, cause)
}

// causeOf returns what may be printed of an error: neither keys nor values, which answers of a
// server and errors of go-redis may quote.
func causeOf(ctx context.Context, key string, err error) error {
	if reply, ok := errors.AsType[redis.Error](err); ok {
		return answerOf(reply.Error(), key)
	}
	var cause error
	if errors.Is(err, errFew) {
		return err
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		cause = op
	} else if cert, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		cause = cert
	} else {
		for _, plain := range []error{context.Canceled, context.DeadlineExceeded, os.ErrDeadlineExceeded, io.EOF, io.ErrUnexpectedEOF, redis.ErrClosed, redis.ErrPoolTimeout, redis.ErrPoolExhausted} {
			if errors.Is(err, plain) {
				cause = plain
				break
			}
		}
	}
	if cause == nil {
		cause = fmt.Errorf("go-redis failed with a %T, whose text may hold data", err)
	}
	ended := ctx.Err()
	if until, ok := ctx.Deadline(); ended == nil && ok && errors.Is(err, os.ErrDeadlineExceeded) && !time.Now().Before(until) {
		ended = context.DeadlineExceeded // the connection's timer was faster
	}
	if ended != nil && !errors.Is(cause, ended) {
		return fmt.Errorf("%w: %w", ended, cause)
	}
	return cause
}

// answer is an error that the server answered: it has done nothing.
type answer struct{ text string }

func (a *answer) Error() string { return a.text }

// hints say what to do about an answer, by its code.
var hints = map[string]string{
	"NOAUTH":      "the server demands a password: give the client the one of the site's cache (LOCATION, or OPTIONS)",
	"WRONGPASS":   "the server refuses the user or the password: compare them with the site's cache (LOCATION, or OPTIONS)",
	"NOPERM":      "the server's ACL forbids it: allow the user GET, SET, DEL, EXPIRE, EVAL and EVALSHA on the sessions' keys, SCAN and PTTL to list them, and WAIT for WithWait",
	"OOM":         "the server's maxmemory is reached",
	"READONLY":    "the server is a replica: connect to its master",
	"WRONGTYPE":   "the key holds another type of value, so it is not this site's session: compare the database number, KEY_PREFIX and VERSION with the site's",
	"MOVED":       "the key is on another node of the Cluster: use redis.NewClusterClient",
	"LOADING":     "the server is loading its data",
	"CLUSTERDOWN": "the Cluster has no master for this key",
	"MASTERDOWN":  "the server is a replica without a link to its master",
	"NOREPLICAS":  "the server has fewer replicas than its min-replicas-to-write",
	"TRYAGAIN":    "the Cluster is moving the key's slot",
	"ASK":         "the Cluster is moving the key's slot",
	"MISCONF":     "the server cannot write its data to disk",
	"BUSY":        "the server is busy with a script",
}

// refusals are how Redis's answers without a code of their own begin that may come instead of a
// write. A proxy such as twemproxy uses ERR for a server that it has lost, too.
var refusals = []string{"unknown command", "Unknown Redis command", "Error running script", "Error compiling script", "max number of clients",
	"syntax error", "wrong number of arguments", "invalid", "Protocol error", "DB index", "operation not permitted", "AUTH", "Client sent AUTH", "This instance has cluster support disabled"}

// answerOf returns an error that the server answered. One that Redis does not give may be from a
// proxy, which does not know what has become of a command: it is no *answer.
func answerOf(text, key string) error {
	code, rest, _ := strings.Cut(text, " ")
	if code == "" || strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return errors.New("an answer that Redis does not give, which may hold data")
	}
	if _, inner, ok := strings.Cut(rest, ": -"); ok && code == "ERR" { // of a command in a script, before Redis 7
		if inner, _, _ = strings.Cut(inner, " "); hints[inner] != "" {
			code = inner
		}
	}
	if hint, ok := hints[code]; ok {
		return &answer{code + ": " + hint}
	}
	refused := code != "ERR" || slices.ContainsFunc(refusals, func(begin string) bool { return strings.HasPrefix(rest, begin) })
	// What follows a quote or colon may be an argument.
	if i := strings.IndexAny(rest, "'\"`:,("); i >= 0 {
		rest = strings.TrimSpace(rest[:i])
	}
	if text = code; rest != "" && !strings.Contains(rest, key) {
		text += ": " + rest
	}
	if !refused {
		return errors.New(text)
	}
	return &answer{text}
}
