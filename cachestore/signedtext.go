package cachestore

import (
	"context"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/serializer"
)

// WithSignedText makes the store one for sites with SESSION_ENGINE = "redis_sessions.session",
// of the package django-redis-sessions: Redis holds the signed text that the database engine
// has in session_data. Keys are session keys; with [WithKeyPrefix], the prefix of
// SESSION_REDIS, they come after the prefix and a colon. Without one, what other programs keep
// under 32 characters of a-z and 0-9 is listed as an unreadable session.
//
// That engine has no setting for several servers here: pass the server that SESSION_REDIS
// names. A POOL in it, which picks the server by the key, is not supported.
func WithSignedText() Option {
	return func(o *options) {
		o.name, o.signed, o.key = "", true, signedTextKey
	}
}

// signedTextKey returns the key of django-redis-sessions.
func signedTextKey(key, prefix string, _ int) string {
	if prefix == "" {
		return key
	}
	return prefix + ":" + key
}

// signedText is the encoding of django-redis-sessions.
type signedText struct{ codec *django.Codec }

func (e signedText) Encode(ctx context.Context, d *serializer.Dict, _ int) (Item, error) {
	text, err := e.codec.Encode(ctx, d)
	return Item{Value: text}, err
}

func (e signedText) Decode(ctx context.Context, item Item, _ int) (*serializer.Dict, error) {
	return e.codec.Decode(ctx, item.Value)
}

func (e signedText) Format() serializer.Format { return e.codec.Format() }

// Renew implements [Renewer].
func (e signedText) Renew(ctx context.Context, item Item) (Item, error) {
	text, err := e.codec.Renew(ctx, item.Value)
	return Item{Value: text}, err
}
