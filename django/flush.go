package django

import (
	"context"
	"errors"
	"slices"

	"github.com/djsession/djsession/serializer"
)

// Flush removes the session's data and, at once, whatever the response will be, the stored
// session, also one that was abandoned before. A later change makes a new session under a
// new key. If the store fails, or ctx ends while Flush waits for a save, the session and
// the login stay, and the request fails unless a later Flush succeeds. Where the key is the
// session (signed_cookies), it is [ErrHeadersSent] once the headers were sent. Django's flush.
func (s *Session) Flush(ctx context.Context) error {
	if err := s.begin(ctx, 0, ""); err != nil {
		if !errors.Is(err, ErrProgram) {
			s.fail(err)
		}
		return err
	}
	defer s.leave()
	if s.updating {
		return errInUpdate
	}
	s.mu.Lock()
	if s.site.caps.ChoosesKeys && s.stored.Key != "" && s.Sealed() {
		s.mu.Unlock()
		return ErrHeadersSent // nothing else ends the session
	}
	s.accessed = true
	// The key of a cycled session whose outcome is unknown is deleted too, after the one
	// that it may still be moved from.
	keys := []string{s.stored.Key, s.candidate}
	if s.abandoned != nil {
		keys = append(keys, s.abandoned.key)
	}
	s.mu.Unlock()
	if err := s.delete(s.storing(ctx), keys); err != nil {
		s.fail(err)
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed = nil
	s.state = state{data: new(serializer.Dict)}
	s.clear()
	return nil
}

// delete deletes what is stored under keys that are not empty. The caller has begun.
func (s *Session) delete(ctx context.Context, keys []string) (err error) {
	keys = slices.DeleteFunc(keys, func(key string) bool { return key == "" })
	if len(keys) == 0 {
		return nil
	}
	ctx, s.observed = s.site.observe(ctx, OpDelete, lowest(OpDelete))
	for _, key := range keys {
		if err = s.site.store.Delete(ctx, key); err != nil {
			break
		}
	}
	s.observed.done(err)
	return err
}
