package django

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"
	"unsafe"

	"github.com/djsession/djsession/internal/payload"
	"github.com/djsession/djsession/serializer"
	"github.com/djsession/djsession/signing"
)

// A Codec turns a session's dict into the text that Django keeps in
// session_data, and back, as SECRET_KEY, the format and the serializer of the
// settings require. It derives the keys once. It is immutable and safe for
// concurrent use.
//
// Only few sessions above 64 KiB are encoded or decoded at once; the others wait
// until their context ends.
type Codec struct {
	settings *Settings
	resolved resolved
	clock    func() time.Time

	// modern verifies texts in the format of Django 3.1, with one key and algorithm
	// each. The first one signs.
	modern []*signing.TimestampSigner
	pre31  *pre31Signer // nil if there is no such format
	// What Encode writes and Decode accepts.
	writesPre31, readsModern, readsPre31 bool
}

// NewCodec returns the codec of a site with these settings. now is the time to
// sign at; nil is time.Now.
func NewCodec(settings Settings, now func() time.Time) (*Codec, error) {
	if now == nil {
		now = time.Now
	}
	r, err := settings.resolve()
	if err != nil {
		return nil, err
	}
	set := cloneSettings(settings)
	set.DjangoVersion = cmp.Or(set.DjangoVersion, r.version.String())
	if !r.version.readsFallbacks() {
		set.SecretKeyFallbacks = nil
	}
	c := &Codec{
		settings:    &set,
		resolved:    r,
		clock:       now,
		pre31:       newPre31Signer(&set),
		writesPre31: r.format == FormatPre31,
		readsModern: r.version.readsModern(),
		readsPre31:  set.ReadOlderFormats || r.version.readsPre31(),
	}
	return c, c.setModern("django.contrib.sessions." + set.SessionStoreClass)
}

// WithSalt returns a codec of the same site for the texts of signing.dumps and
// signing.loads with this salt, in every version of Django. It is for engines that sign
// with a salt of their own, such as signed_cookies.
func (c *Codec) WithSalt(salt string) (*Codec, error) {
	if salt == "" {
		return nil, errors.New("django: WithSalt: the salt is empty")
	}
	own := *c
	own.pre31, own.writesPre31, own.readsModern, own.readsPre31 = nil, false, true, false
	return &own, own.setModern(salt)
}

// setModern makes the signers of the modern format.
func (c *Codec) setModern(salt string) error {
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
	c.modern = nil
	for _, key := range append([]string{c.settings.SecretKey}, c.settings.SecretKeyFallbacks...) {
		for _, a := range algorithms {
			s, err := signing.NewTimestampSigner(key, signing.Options{Salt: salt, Algorithm: a, Now: c.clock})
			if err != nil {
				return fmt.Errorf("django: %w", err)
			}
			c.modern = append(c.modern, s)
		}
	}
	return nil
}

// Settings returns a copy of the settings.
func (c *Codec) Settings() Settings { return cloneSettings(*c.settings) }

// Now returns the time on the site's clock; see [WithClock].
func (c *Codec) Now() time.Time { return c.clock() }

// Encode returns d as the text for session_data, signed now. The error is
// [ErrTooLarge] if Decode would refuse the data for its size, or ctx.Err().
// Django's SessionBase.encode.
func (c *Codec) Encode(ctx context.Context, d *serializer.Dict) (string, error) {
	data, err := serializer.JSON.Dumps(d)
	if err != nil {
		return "", fmt.Errorf("django: cannot serialize the session: %w", err)
	}
	text, err := c.Sign(ctx, data)
	if err != nil {
		return "", err
	}
	if !c.readable(text, data) {
		return "", ErrTooLarge
	}
	return text, nil
}

// Decode returns the dict in the text of a session_data. The error wraps
// [ErrCorrupt] or [ErrUnreadable] and the error of package signing, or is
// ctx.Err(). Django's SessionBase.decode, which returns an empty dict instead.
func (c *Codec) Decode(ctx context.Context, text string) (*serializer.Dict, error) {
	o, err := c.open(ctx, text)
	if err != nil {
		return nil, err
	}
	data, err := c.read(ctx, &o)
	if err != nil {
		return nil, err
	}
	defer o.hold.Release() // the dict is made of the data, which may be large
	d, err := jsonTexts.LoadsText(textOf(data))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	return d, nil
}

// Sign returns serialized data as the text for session_data. The error is
// ctx.Err().
func (c *Codec) Sign(ctx context.Context, data []byte) (string, error) {
	if c.writesPre31 {
		return c.pre31.sign(data), nil
	}
	text, err := c.modern[0].AppendPayload(ctx, nil, data, true)
	return textOf(text), err
}

// Payload returns the serialized data in the text of a session_data, exactly as
// it was signed, with the errors of Decode.
func (c *Codec) Payload(ctx context.Context, text string) ([]byte, error) {
	o, err := c.open(ctx, text)
	if err != nil {
		return nil, err
	}
	data, err := c.read(ctx, &o)
	o.hold.Release()
	return data, err
}

// Renew returns text as Sign would write its data now, if it is signed with a
// fallback key, an old algorithm or in another format than SessionFormat. It
// returns any other text unchanged, and one that cannot be read. The error is
// ctx.Err(). A store calls it to save a session without new data, since Django
// signs a session anew on every save.
func (c *Codec) Renew(ctx context.Context, text string) (string, error) {
	o, err := c.open(ctx, text)
	if o.current || err != nil {
		o.hold.Release()
		return text, ended(ctx, err)
	}
	data, err := c.read(ctx, &o)
	o.hold.Release()
	if err != nil {
		return text, ended(ctx, err)
	}
	renewed, err := c.Sign(ctx, data)
	if err != nil || !c.readable(renewed, data) {
		return text, err
	}
	return renewed, nil
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

// readable reports whether this codec can read text, which it made of data: data that
// was not compressed has no bound.
func (c *Codec) readable(text string, data []byte) bool {
	return text[0] != '.' || len(data) <= c.maxInflated()
}

func (c *Codec) maxInflated() int {
	return cmp.Or(c.settings.MaxInflated, signing.DefaultMaxInflated)
}

// opened is a verified text.
type opened struct {
	encoded string // the data in the modern format
	data    []byte // the data in the format before 3.1, instead
	hold    payload.Hold
	current bool // Sign would use the same key, algorithm and format
}

// open verifies text with each key and algorithm, in each format.
func (c *Codec) open(ctx context.Context, text string) (opened, error) {
	var modernErr error
	if c.readsModern {
		for i, s := range c.modern {
			encoded, err := s.Unsign(text, signing.NoMaxAge)
			if err == nil {
				return opened{encoded: encoded, current: i == 0 && !c.writesPre31}, nil
			}
			if !errors.Is(err, signing.ErrBadSignature) {
				return opened{}, fmt.Errorf("%w: %w", ErrUnreadable, err)
			}
			modernErr = err
		}
	}
	if c.pre31 == nil {
		return opened{}, fmt.Errorf("%w: %w", ErrCorrupt, modernErr)
	}
	o, err := c.pre31.open(ctx, text)
	switch {
	case err != nil && ended(ctx, err) != nil:
		return opened{}, err
	case err != nil:
		return opened{}, fmt.Errorf("%w: %w", ErrCorrupt, cmp.Or(modernErr, err))
	case !c.readsPre31:
		o.hold.Release()
		return opened{}, fmt.Errorf("%w: it is in the format before Django 3.1; to accept that, set ReadOlderFormats", ErrCorrupt)
	}
	o.current = o.current && c.writesPre31
	return o, nil
}

// read returns the data of a verified text. The caller releases o.hold.
func (c *Codec) read(ctx context.Context, o *opened) ([]byte, error) {
	if o.data != nil {
		return o.data, nil
	}
	var data []byte
	var err error
	data, o.hold, err = payload.Decode(ctx, o.encoded, c.maxInflated())
	if err != nil && ended(ctx, err) == nil {
		err = fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	return data, err
}

// ended returns err if it reports that ctx has ended, else nil.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return err
	}
	return nil
}

// jsonTexts loads a text without copying it.
var jsonTexts = serializer.JSON.(interface {
	LoadsText(text string) (*serializer.Dict, error)
})

// textOf returns data, which must not be changed any more, as a string without a copy.
func textOf(data []byte) string { return unsafe.String(unsafe.SliceData(data), len(data)) }
