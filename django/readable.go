package django

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/djsession/djsession/serializer"
	"github.com/djsession/djsession/signing"
)

// readable returns an error if rec cannot be read: an empty session in its place would
// overwrite what Django may be able to read. With WithUnreadableAsEmpty it makes rec empty
// and returns a warning, which the caller logs.
func (site *site) readable(rec *Record) (warning, err error) {
	switch why := rec.Corrupt; {
	case why == nil:
		return nil, nil
	case errors.Is(why, signing.ErrTooLarge):
		return nil, ErrTooLarge // readable for Django in any case
	case site.asEmpty:
		rec.Data, rec.Corrupt = new(serializer.Dict), nil
		return why, nil
	case errors.Is(why, ErrUnreadable):
		return why, fmt.Errorf("%w; compare SESSION_SERIALIZER with the site's, and SESSION_ENGINE; the stored session was left as it is", why)
	default:
		return why, fmt.Errorf("%w; compare SECRET_KEY, SECRET_KEY_FALLBACKS, DjangoVersion and SessionStoreClass with the site's settings; the stored session was left as it is", why)
	}
}

// warn logs that a session could not be read, as Django does, unless warning is nil.
func (site *site) warn(ctx context.Context, warning error) {
	if warning != nil {
		site.logger.WarnContext(ctx, "Session data corrupted", slog.Any("reason", warning))
	}
}
