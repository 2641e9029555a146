package django

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"
	"unsafe"

	"github.com/djsession/djsession/internal/budget"
	"github.com/djsession/djsession/serializer"
	"github.com/djsession/djsession/signing"
)

// A Codec turns a session's dict into the text that Django keeps in
// session_data, and back. It is what the settings say of SECRET_KEY, format and
// serializer; the keys are derived once. It is immutable and safe for concurrent
// use.
type Codec struct {
	settings Settings
	resolved resolved
	clock    func() time.Time

	modern *signing.TimestampSigner
	pre31  *pre31Signer
	// own accepts only what Sign writes; nil if Decode accepts nothing else.
	own func(ctx context.Context, text string) error
	// What Decode accepts.
	readsModern, readsPre31 bool
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
	c := &Codec{settings: cloneSettings(settings), resolved: r, clock: now}
	if settings.DjangoVersion == "" {
		c.settings.DjangoVersion = r.version.String()
	}
	if !r.version.readsFallbacks() {
		c.settings.SecretKeyFallbacks = nil
	}
	opts := signing.Options{
		Salt:         "django.contrib.sessions." + settings.SessionStoreClass,
		FallbackKeys: c.settings.SecretKeyFallbacks,
		Now:          now,
		MaxInflated:  settings.MaxInflated,
	}
	old := settings.ReadOlderFormats
	if r.format == FormatPre31 && !old {
		// DEFAULT_HASHING_ALGORITHM = "sha1" makes Django 3 verify with SHA-1 alone.
		opts.Algorithm = signing.SHA1
	} else if old || r.version.readsModernSHA1() {
		opts.LegacyAlgorithm = signing.SHA1
	}
	if c.modern, err = signing.NewTimestampSigner(settings.SecretKey, opts); err != nil {
		return nil, fmt.Errorf("django: %w", err)
	}
	if c.pre31, err = newPre31Signer(&c.settings); err != nil {
		return nil, fmt.Errorf("django: %w", err)
	}
	c.readsModern = r.version.readsModern()
	c.readsPre31 = old || r.version.readsPre31()
	return c, c.setOwn(opts)
}

func (c *Codec) setOwn(opts signing.Options) error {
	switch {
	case len(opts.FallbackKeys) == 0 && opts.LegacyAlgorithm == "" && c.readsModern != c.readsPre31:
		return nil
	case c.resolved.format == FormatPre31:
		p := &pre31Signer{macs: c.pre31.macs[:1]}
		c.own = func(ctx context.Context, text string) error {
			return p.read(text, &budget.Target{Context: ctx, Read: ignore})
		}
		return nil
	}
	opts.FallbackKeys, opts.LegacyAlgorithm = nil, ""
	signer, err := signing.NewTimestampSigner(c.settings.SecretKey, opts)
	if err != nil {
		return fmt.Errorf("django: %w", err)
	}
	c.own = func(_ context.Context, text string) error { _, err := signer.Unsign(text); return err }
	return nil
}

// Renew returns text as Sign would write its data now, if it is signed with one
// of SECRET_KEY_FALLBACKS or in another format than SessionFormat; else, and if it
// cannot be read, text itself. Django signs a session anew whenever it saves it.
func (c *Codec) Renew(text string) string {
	renewed, _ := c.RenewContext(context.Background(), text) // without an end there is no error
	return renewed
}

// RenewContext is [Codec.Renew], and returns ctx.Err() if ctx ends while the text, a large one,
// waits for memory.
func (c *Codec) RenewContext(ctx context.Context, text string) (string, error) {
	if c.own == nil {
		return text, nil
	}
	if err := c.own(ctx, text); err == nil || ended(ctx, err) {
		return text, err
	}
	payload, err := c.payload(ctx, text)
	switch {
	case ended(ctx, err):
		return text, err
	case err != nil:
		return text, nil
	}
	renewed, err := c.sign(ctx, payload)
	if err != nil || !c.readable(renewed, payload) {
		return text, err
	}
	return renewed, nil
}

// Settings returns a copy of the settings.
func (c *Codec) Settings() Settings { return cloneSettings(c.settings) }

// Now returns the time on the site's clock; see [WithClock].
func (c *Codec) Now() time.Time { return c.clock() }

// Encode returns d as the text for session_data, signed now. Data that Decode would
// refuse for its size is [ErrTooLarge]. Django's SessionBase.encode.
//
// Only so many large sessions are encoded at once as fit into 16 MiB of memory; others
// wait for them. See [Codec.EncodeContext] for a bound.
func (c *Codec) Encode(d *serializer.Dict) (string, error) {
	return c.EncodeContext(context.Background(), d)
}

// EncodeContext is [Codec.Encode], and returns ctx.Err() if ctx ends while the data, large
// ones, wait for memory.
func (c *Codec) EncodeContext(ctx context.Context, d *serializer.Dict) (string, error) {
	payload, err := serializer.JSON.Dumps(d)
	if err != nil {
		return "", fmt.Errorf("django: cannot serialize the session: %w", err)
	}
	text, err := c.sign(ctx, payload)
	if err != nil {
		return "", err
	}
	if !c.readable(text, payload) {
		return "", ErrTooLarge
	}
	return text, nil
}

// Decode returns the dict in the text of a session_data. The error wraps
// [ErrCorrupt] or [ErrUnreadable], and what package signing says of it. Django's
// SessionBase.decode, which is silent instead and returns an empty dict.
//
// Only so many large sessions are decoded at once as fit into 16 MiB of memory; others
// wait for them. See [Codec.DecodeContext] for a bound.
func (c *Codec) Decode(text string) (*serializer.Dict, error) {
	return c.DecodeContext(context.Background(), text)
}

// DecodeContext is [Codec.Decode], and returns ctx.Err() if ctx ends while the text, a large
// one, waits for memory.
func (c *Codec) DecodeContext(ctx context.Context, text string) (*serializer.Dict, error) {
	var result struct {
		budget.Target // one allocation for all of it
		dict          *serializer.Dict
		err           error
	}
	result.Target = budget.Target{Context: ctx, Read: func(payload []byte) error {
		result.dict, result.err = jsonTexts.LoadsText(textOf(payload))
		return nil
	}}
	if err := c.read(text, &result.Target); err != nil {
		return nil, err
	}
	if result.err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreadable, result.err)
	}
	return result.dict, nil
}

// Record returns the record of a session that is stored under key as this text, which is
// its Version: equal texts hold equal dicts. Text that cannot be read makes it Corrupt; the
// error is that of ctx, if it ends first. It is for stores that keep a session's text.
func (c *Codec) Record(ctx context.Context, key, text string) (Record, error) {
	rec := Record{Key: key, Version: text}
	var err error
	switch rec.Data, err = c.DecodeContext(ctx, text); {
	case errors.Is(err, ErrCorrupt), errors.Is(err, ErrUnreadable):
		rec.Data, rec.Corrupt = new(serializer.Dict), err
	case err != nil:
		return Record{}, err
	}
	return rec, nil
}

// Sign returns serialized data as the text for session_data.
func (c *Codec) Sign(payload []byte) string {
	text, _ := c.sign(context.Background(), payload) // without an end there is no error
	return text
}

// sign is Sign. If ctx ends while the payload waits for memory, the error is ctx.Err().
func (c *Codec) sign(ctx context.Context, payload []byte) (string, error) {
	if c.resolved.format == FormatPre31 {
		return c.pre31.sign(payload), nil
	}
	return c.modern.SignObject(&budget.Source{Context: ctx, Payload: payload}, true)
}

// readable reports whether this codec can read text, which it made of payload: what
// was not compressed has no bound.
func (c *Codec) readable(text string, payload []byte) bool {
	return text[0] != '.' || len(payload) <= cmp.Or(c.settings.MaxInflated, signing.DefaultMaxInflated)
}

// Payload returns the serialized data in the text of a session_data, exactly as
// it was signed, with the errors of Decode.
func (c *Codec) Payload(text string) ([]byte, error) {
	return c.payload(context.Background(), text)
}

func (c *Codec) payload(ctx context.Context, text string) (payload []byte, err error) {
	err = c.read(text, &budget.Target{Context: ctx, Read: func(data []byte) error {
		payload = data
		return nil
	}})
	return payload, err
}

// read hands the data in text to into.
func (c *Codec) read(text string, into *budget.Target) error {
	if !c.readsModern {
		return c.pre31.read(text, into)
	}
	err := c.modern.UnsignObject(text, into)
	if err == nil || ended(into.Context, err) {
		return err
	}
	if !errors.Is(err, signing.ErrBadSignature) {
		return fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	old := into
	if !c.readsPre31 {
		old = &budget.Target{Context: into.Context, Read: ignore}
	}
	switch oldErr := c.pre31.read(text, old); {
	case ended(into.Context, oldErr), oldErr == nil && c.readsPre31:
		return oldErr
	case oldErr == nil:
		return fmt.Errorf("%w: it is in the format before Django 3.1; to accept that, set ReadOlderFormats", ErrCorrupt)
	}
	return fmt.Errorf("%w: %w", ErrCorrupt, err)
}

// ended reports whether err says that ctx has ended.
func ended(ctx context.Context, err error) bool {
	return ctx.Err() != nil && errors.Is(err, ctx.Err())
}

// jsonTexts loads a text without copying it.
var jsonTexts = serializer.JSON.(interface {
	LoadsText(text string) (*serializer.Dict, error)
})

// ignore is for data of which only the signature counts.
func ignore([]byte) error { return nil }

// textOf returns data, which nobody may change any more, as a string without a copy.
func textOf(data []byte) string { return unsafe.String(unsafe.SliceData(data), len(data)) }
