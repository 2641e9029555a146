package hashers

import (
	"context"
	"errors"
	"log/slog"
)

// Why a stored hash matches no password.
var (
	errNotConfigured = errors.New("its algorithm is not in PASSWORD_HASHERS; describe a hasher of the site's own in Parameters")
	errTooLong       = errors.New("it is longer than any hash of Django's")
	errDamaged       = errors.New("it is damaged, or was not written by Django")
	errBeyondBounds  = errors.New("it would cost more than the bounds allow; if the site's hasher does, set Parameters")
)

// reason is why hashes of an algorithm match no password.
type reason struct {
	algorithm string
	err       error
}

// reportUnmatched logs each reason once.
func (h *Hashers) reportUnmatched(ctx context.Context, algorithm string, err error) {
	if _, known := h.reported.LoadOrStore(reason{algorithm, err}, nil); !known {
		h.logger.LogAttrs(ctx, slog.LevelWarn, "stored password hash matches no password; this is logged once",
			slog.String("algorithm", algorithm), slog.String("reason", err.Error()))
	}
}
