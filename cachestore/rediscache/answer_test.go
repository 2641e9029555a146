package rediscache

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/djsession/djsession/django"
)

// reply is an error that a server answers.
type reply string

func (r reply) Error() string { return string(r) }
func (reply) RedisError()     {}

// TestAnswers: of what a server or go-redis says, nothing is printed that may be a key or a
// value, and only an answer of Redis promises that a write was refused.
func TestAnswers(t *testing.T) {
	const key = "the-key"
	for _, c := range []struct {
		err     error
		refused bool
		words   string // that the error has
	}{
		{reply("ERR unknown command 'EVALSHA', with args beginning with: 'the-key' 'the-value'"), true, "ERR: unknown command"},
		{reply("ERR Error running script (call to f_1): @user_script:1: the-value"), true, "ERR: Error running script"},
		{reply("ERR max number of clients reached"), true, "max number of clients reached"},
		{reply("ERR the-key is wrong"), false, "ERR"},
		{reply("ERR"), false, "ERR"},
		{reply("NOPERM this user has no permissions to access the 'the-key' key"), true, "ACL"},
		{reply("OOM command not allowed when used memory > 'maxmemory'."), true, "maxmemory"},
		{reply("ERR Error running script (call to f_1): @user_script:1: @user_script: 1: -READONLY You can't write against a read only replica."), true, "replica"},
		{reply("ERR syntax error"), true, "ERR: syntax error"},
		{reply("ERR Connection timed out"), false, "ERR: Connection timed out"}, // proxies say so when their server is lost
		{reply("ERR server connection close"), false, "ERR: server connection close"},
		{reply("upstream failure the-value"), false, "answer"},
		{reply(""), false, "answer"},
		{io.EOF, false, "EOF"},
		{&net.OpError{Op: "read", Err: errors.New("connection reset by peer")}, false, "reset"},
		{fmt.Errorf("redis: can't parse reply line \"the-value\""), false, "go-redis"},
		{context.DeadlineExceeded, false, "deadline"},
		{fmt.Errorf("the-value: %w", os.ErrDeadlineExceeded), false, "i/o timeout"}, // of ReadTimeout
		{&tls.CertificateVerificationError{Err: x509.HostnameError{Certificate: new(x509.Certificate), Host: "db.site"}}, false, "db.site"},
	} {
		err := failWrite(t.Context(), "replace", key, &sent{was: true}, c.err)
		if !strings.Contains(err.Error(), c.words) || strings.Contains(err.Error(), "the-") {
			t.Errorf("%v became %v, want %s", c.err, err, c.words)
		}
		if errors.Is(err, django.ErrOutcomeUnknown) == c.refused {
			t.Errorf("%v became %v, want it refused: %t", c.err, err, c.refused)
		}
		if err := failWrite(t.Context(), "replace", key, new(sent), c.err); errors.Is(err, django.ErrOutcomeUnknown) {
			t.Errorf("%v before anything was sent became %v", c.err, err)
		}
		if err := failRead(t.Context(), "get", key, c.err); strings.Contains(err.Error(), "the-") || errors.Is(err, django.ErrNotFound) {
			t.Errorf("%v of a read became %v", c.err, err)
		}
	}
}
