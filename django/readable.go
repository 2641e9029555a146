package django

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/djsession/djsession/serializer"
	"github.com/djsession/djsession/signing"
)

// readable returns an error if rec is there and cannot be read: to go on with an empty
// session would be to overwrite what Django may be able to read. Under
// WithUnreadableAsEmpty it makes rec empty instead.
func (ss *Sessions) readable(ctx context.Context, rec *Record) error {
	switch {
	case rec.Corrupt == nil:
		return nil
	case errors.Is(rec.Corrupt, signing.ErrTooLarge):
		return ErrTooLarge // readable for Django in any case
	case ss.asEmpty:
		ss.logger.WarnContext(ctx, "Session data corrupted", slog.Any("reason", rec.Corrupt))
		rec.Data, rec.Corrupt = new(serializer.Dict), nil
		return nil
	case errors.Is(rec.Corrupt, ErrUnreadable):
		return fmt.Errorf("%w; compare SESSION_SERIALIZER with the site's, and SESSION_ENGINE; the stored session was left as it is", rec.Corrupt)
	}
	return fmt.Errorf("%w; compare SECRET_KEY, SECRET_KEY_FALLBACKS, DjangoVersion and SessionStoreClass with the site's settings; the stored session was left as it is", rec.Corrupt)
}
