package django

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/djsession/djsession/internal/payload"
	"github.com/djsession/djsession/internal/secret"
	"github.com/djsession/djsession/serializer"
	"github.com/djsession/djsession/signing"
)

// A Codec turns a session's dict into the text that Django keeps in
// session_data, and back. It derives the keys once. It is immutable and safe for
// concurrent use.
//
// Only two sessions above 64 KiB are encoded or decoded at once. The others wait,
// until their context ends.
type Codec struct {
	settings Settings      // without the keys
	keys     []secret.Text // SECRET_KEY and SECRET_KEY_FALLBACKS
	resolved resolved
	clock    func() time.Time

	modern      []*signing.TimestampSigner // one per key and algorithm; the first signs
	pre31       *pre31Signer               // nil if the salt is not the sessions'
	writesPre31 bool
	readsPre31  bool
	maxInflated int
}

// NewCodec returns the codec of a site with these settings. now is the time to
// sign at; nil is time.Now.
func NewCodec(settings Settings, now func() time.Time) (*Codec, error) {
	r, err := settings.resolve()
	if err != nil {
		return nil, err
	}
	if now == nil {
		now = time.Now
	}
	set := cloneSettings(settings)
	set.DjangoVersion = cmp.Or(set.DjangoVersion, r.version.String())
	if !r.version.readsFallbacks() {
		set.SecretKeyFallbacks = nil
	}
	c := &Codec{
		resolved:    r,
		clock:       now,
		writesPre31: r.format == FormatPre31,
		readsPre31:  set.ReadOlderFormats || r.version.readsPre31(),
		maxInflated: cmp.Or(set.MaxInflated, signing.DefaultMaxInflated),
	}
	for _, key := range append([]string{set.SecretKey}, set.SecretKeyFallbacks...) {
		c.keys = append(c.keys, secret.New(key))
	}
	set.SecretKey, set.SecretKeyFallbacks = "", nil
	c.settings, c.pre31 = set, newPre31Signer(set.SessionStoreClass, c.keys)
	if r.version.readsModern() {
		c.modern, err = c.signers("django.contrib.sessions." + set.SessionStoreClass)
	}
	return c, err
}

// WithSalt returns a codec of the same site that writes and reads what
// signing.dumps and signing.loads do with this salt. It is for engines that sign with
// a salt of their own, such as signed_cookies.
func (c *Codec) WithSalt(salt string) (*Codec, error) {
	if salt == "" {
		return nil, errors.New("django: WithSalt: the salt is empty")
	}
	salted := *c
	salted.pre31, salted.writesPre31, salted.readsPre31 = nil, false, false
	var err error
	salted.modern, err = c.signers(salt)
	return &salted, err
}

// signers returns a signer per key and algorithm. The first one signs.
func (c *Codec) signers(salt string) (signers []*signing.TimestampSigner, err error) {
	algorithms := []signing.Algorithm{signing.SHA256}
	switch older := c.settings.ReadOlderFormats; {
	case c.resolved.format == FormatPre31 && older:
		algorithms = []signing.Algorithm{signing.SHA1, signing.SHA256}
	case c.resolved.format == FormatPre31:
		// DEFAULT_HASHING_ALGORITHM = "sha1" makes Django 3 verify with SHA-1 alone.
		algorithms[0] = signing.SHA1
	case older, c.resolved.version.readsModernSHA1():
		algorithms = append(algorithms, signing.SHA1)
	}
	for _, key := range c.keys {
		for _, a := range algorithms {
			s, err := signing.NewTimestampSigner(key.Value(), signing.Options{Salt: salt, Algorithm: a, Now: c.clock})
			if err != nil {
				return nil, fmt.Errorf("django: %w", err)
			}
			signers = append(signers, s)
		}
	}
	return signers, nil
}

// Settings returns a copy of the settings.
func (c *Codec) Settings() Settings {
	set := cloneSettings(c.settings)
	set.SecretKey = c.keys[0].Value()
	for _, key := range c.keys[1:] {
		set.SecretKeyFallbacks = append(set.SecretKeyFallbacks, key.Value())
	}
	return set
}

// Format returns the format of what Encode writes, by SESSION_SERIALIZER.
func (c *Codec) Format() serializer.Format {
	if c.settings.SessionSerializer == pickleSerializer {
		return serializer.FormatPickle
	}
	return serializer.FormatJSON
}

// dumps returns what SESSION_SERIALIZER makes of d, if it can in the memory of room.
func (c *Codec) dumps(room []byte, d *serializer.Dict) ([]byte, error) {
	if c.Format() == serializer.FormatPickle {
		return serializer.Pickle.Dumps(d)
	}
	return jsonTexts.AppendDumps(room[:0], d)
}

// dumpsRooms has the memory for the serialized data, and keptRoom is how much of it, in bytes, is kept.
var dumpsRooms = sync.Pool{New: func() any { return new([]byte) }}

const keptRoom = 1 << 20

// loads returns the dict in data, which it may keep.
func (c *Codec) loads(data []byte) (*serializer.Dict, error) {
	if c.Format() == serializer.FormatPickle {
		return serializer.Pickle.Loads(data)
	}
	return jsonTexts.LoadsText(textOf(data))
}

// MaxInflated returns how large serialized data may be: Settings.MaxInflated or its default.
func (c *Codec) MaxInflated() int { return c.maxInflated }

// Encode returns d as the text for session_data, signed now. The error is
// [ErrTooLarge] if Decode would refuse the data for its size, or ctx.Err().
// Django's SessionBase.encode.
func (c *Codec) Encode(ctx context.Context, d *serializer.Dict) (string, error) {
	room := dumpsRooms.Get().(*[]byte)
	defer dumpsRooms.Put(room)
	data, err := c.dumps(*room, d)
	if err != nil {
		return "", fmt.Errorf("django: cannot serialize the session: %w", err)
	}
	if cap(data) <= keptRoom && c.Format() == serializer.FormatJSON {
		*room = data
	}
	text, err := c.Sign(ctx, data)
	if err == nil && !c.readable(text, data) {
		return "", ErrTooLarge
	}
	return text, err
}

// Sign returns serialized data as the text for session_data, signed now. The error
// is ctx.Err().
func (c *Codec) Sign(ctx context.Context, data []byte) (string, error) {
	if c.writesPre31 {
		hold, err := payload.Take(ctx, len(data))
		if err != nil {
			return "", err
		}
		defer hold.Release()
		return c.pre31.sign(data), nil
	}
	text, err := c.modern[0].AppendPayload(ctx, nil, data, true)
	return textOf(text), err
}

// readable reports whether Decode accepts the size of text, which Sign made of
// data: data that was not compressed has no bound.
func (c *Codec) readable(text string, data []byte) bool {
	return text[0] != '.' || len(data) <= c.maxInflated
}

// Decode returns the dict in the text of a session_data. The error wraps
// [ErrCorrupt] or [ErrUnreadable] and an error of package signing, or is ctx.Err().
// Django's SessionBase.decode, which returns an empty dict instead.
func (c *Codec) Decode(ctx context.Context, text string) (*serializer.Dict, error) {
	o, err := c.open(ctx, text)
	if err != nil {
		return nil, err
	}
	defer o.hold.Release() // reading large data takes memory too
	data, err := c.inflate(ctx, &o)
	if err != nil {
		return nil, err
	}
	d, err := c.loads(data)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	return d, nil
}

// Payload returns the serialized data in the text of a session_data, exactly as
// it was signed. The errors are those of Decode.
func (c *Codec) Payload(ctx context.Context, text string) ([]byte, error) {
	o, err := c.open(ctx, text)
	if err != nil {
		return nil, err
	}
	defer o.hold.Release()
	return c.inflate(ctx, &o)
}

// Record returns the record of a session that is stored under key as this text, which is
// its Version: equal texts hold equal dicts. Text that cannot be read makes it Corrupt; the
// error is ctx.Err(). It is for stores that keep a session's text.
func (c *Codec) Record(ctx context.Context, key, text string) (Record, error) {
	rec := Record{Key: key, Version: text}
	var err error
	switch rec.Data, err = c.Decode(ctx, text); {
	case errors.Is(err, ErrCorrupt), errors.Is(err, ErrUnreadable):
		rec.Data, rec.Corrupt = new(serializer.Dict), err
	case err != nil:
		return Record{}, err
	}
	return rec, nil
}

// Renew returns text as Sign would write its data now, if it is signed with a
// fallback key or an older algorithm, or in another format than SessionFormat. It
// returns other texts unchanged, and so one that cannot be read. The error is
// ctx.Err(). Stores call it to save a session without new data: Django signs a
// session anew whenever it saves it.
func (c *Codec) Renew(ctx context.Context, text string) (string, error) {
	o, err := c.open(ctx, text)
	var data []byte
	if err == nil && !o.current {
		data, err = c.inflate(ctx, &o)
	}
	o.hold.Release()
	switch {
	case errors.Is(err, ErrCorrupt), errors.Is(err, ErrUnreadable), o.current:
		return text, nil
	case err != nil:
		return text, err
	}
	renewed, err := c.Sign(ctx, data)
	if err != nil || !c.readable(renewed, data) {
		return text, err
	}
	return renewed, nil
}
