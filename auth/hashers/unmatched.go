package hashers

import (
	"context"
	"errors"
	"log/slog"
	"sync"
)

// Why a stored hash matches nothing.
var (
	errNotConfigured = errors.New("its algorithm is not in PASSWORD_HASHERS; a hasher of the site's own has to be described in Parameters")
	errTooLong       = errors.New("it is longer than any hash of Django's")
	errDamaged       = errors.New("it is damaged, or was not written by Django")
	errBeyondBounds  = errors.New("it would cost more than the bounds allow; if that is meant, say so in Parameters")
)

// unmatched logs why stored hashes match nothing, each reason once. It holds no lock
// while it logs.
type unmatched struct {
	logger *slog.Logger
	known  sync.Map // of reasons, as many as there are algorithms and errors
}

// known reports whether this is the name of one of Django's algorithms.
func known(algorithm string) bool {
	_, found := find(algorithm)
	return found || algorithm == "crypt"
}

type reason struct {
	algorithm string
	err       error
}

func (u *unmatched) report(ctx context.Context, algorithm string, err error) {
	if _, known := u.known.LoadOrStore(reason{algorithm, err}, nil); !known {
		u.logger.LogAttrs(ctx, slog.LevelWarn, "stored password hash matches no password; this is logged once",
			slog.String("algorithm", algorithm), slog.String("reason", err.Error()))
	}
}
