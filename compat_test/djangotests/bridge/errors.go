package main

import (
	"errors"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/base62"
	"github.com/djsession/djsession/serializer"
	"github.com/djsession/djsession/signing"
)

// kindOf names an error for the Python side.
func kindOf(err error) string {
	for _, k := range []struct {
		kind string
		err  error
	}{
		{"corrupt", django.ErrCorrupt},
		{"unreadable", django.ErrUnreadable},
		{"not_found", django.ErrNotFound},
		{"exists", django.ErrExists},
		{"interrupted", django.ErrInterrupted},
		{"conflict", django.ErrConflict},
		{"unknown", django.ErrOutcomeUnknown},
		{"expiry", django.ErrExpiry},
		{"too_large", django.ErrTooLarge},
		{"headers_sent", django.ErrHeadersSent},
		{"expired", signing.ErrSignatureExpired},
		{"no_separator", signing.ErrNoSeparator},
		{"mismatch", signing.ErrSignatureMismatch},
		{"timestamp", signing.ErrTimestamp},
		{"base64", signing.ErrBase64},
		{"zlib", signing.ErrZlib},
		{"too_large", signing.ErrTooLarge},
		{"base62", base62.Err},
		{"separator", signing.ErrSeparator},
		{"algorithm", signing.ErrAlgorithm},
	} {
		if errors.Is(err, k.err) {
			return k.kind
		}
	}
	if syntax := new(serializer.SyntaxError); errors.As(err, &syntax) {
		return "syntax"
	}
	return "other"
}

// authKind names an error of package auth, "" if it is none.
func authKind(err error) string {
	for kind, e := range map[string]error{
		"no_user": auth.ErrNoUser, "no_middleware": auth.ErrNoMiddleware, "credentials": auth.ErrCredentials, "anonymous": auth.ErrAnonymous,
		"backend": auth.ErrBackend, "no_password_backend": auth.ErrNoPasswordBackend, "own_backend": auth.ErrOwnBackend,
		"read_only": auth.ErrReadOnly, "no_permissions": auth.ErrNoPermissions, "not_logged_in": auth.ErrNotLoggedIn,
		"malformed_id": auth.ErrMalformedID, "unknown_backend": auth.ErrUnknownBackend, "inactive": auth.ErrInactive,
		"hash_missing": auth.ErrHashMissing, "hash_mismatch": auth.ErrHashMismatch, "hash_malformed": auth.ErrHashMalformed,
	} {
		if errors.Is(err, e) {
			return kind
		}
	}
	return ""
}

// withAuthError returns a result that holds the error if it is one of package auth.
func withAuthError(result map[string]any, err error) (any, error) {
	if err == nil {
		return result, nil
	}
	kind := authKind(err)
	if kind == "" {
		return nil, err
	}
	result["error"] = kind
	return result, nil
}
