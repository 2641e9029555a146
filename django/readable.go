package django

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/djsession/djsession/signing"
)

// readable returns an error if rec cannot be read: an empty session in its place would
// overwrite what Django may be able to read. With WithUnreadableAsEmpty it is nil. The
// caller then calls warn.
func (site *site) readable(rec Record) error {
	switch why := rec.Corrupt; {
	case why == nil:
		return nil
	case errors.Is(why, signing.ErrTooLarge):
		return ErrTooLarge // readable for Django in any case
	case site.asEmpty:
		return nil
	case errors.Is(why, ErrUnreadable):
		return fmt.Errorf("%w; compare SESSION_SERIALIZER with the site's, and SESSION_ENGINE; the stored session was left as it is", why)
	default:
		return fmt.Errorf("%w; compare SECRET_KEY, SECRET_KEY_FALLBACKS, DjangoVersion and SessionStoreClass with the site's settings; the stored session was left as it is", why)
	}
}

// warn logs that rec cannot be read, as Django does.
func (site *site) warn(ctx context.Context, rec Record) {
	if why := rec.Corrupt; why != nil && !errors.Is(why, signing.ErrTooLarge) {
		site.logger.WarnContext(ctx, "Session data corrupted", slog.Any("reason", why))
	}
}
