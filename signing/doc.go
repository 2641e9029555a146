// Package signing follows django.core.signing: it makes and checks the signed texts that Django makes and checks.
//
// Reach for [NewTimestampSigner] first. It signs objects and plain values together with the time, which is what
// sessions, password links and signing.dumps use:
//
//	signer, err := signing.NewTimestampSigner(secretKey, signing.Options{Salt: "shop.invite"})
//	link, err := signer.SignObject(invite, true)                    // signing.dumps(invite, salt="shop.invite", compress=True)
//	err = signer.UnsignObjectMaxAge(link, &invite, 24*time.Hour)    // signing.loads(link, salt="shop.invite", max_age=86400)
//
// [Dumps] and [Loads] are the one-shot forms with Django's own default salt, [NewSigner] signs without a time,
// [NewCookieSigner] follows request.get_signed_cookie and response.set_signed_cookie, and [MAC] is the keyed hash below
// all of them, salted_hmac. [TimestampSigner.AppendPayload] and [TimestampSigner.Payload] are for callers that bring
// serialized bytes of their own.
//
// # Trust
//
// The salt names the purpose. Give each purpose its own, or a text signed for one will be accepted for another.
// Signed does not mean secret: anybody can read the value. Two questions are answered by the error: errors.Is with
// [ErrBadSignature] says whether Django would raise BadSignature, and the other Err values say why. A text that is well
// signed and still unreadable, by [ErrTimestamp], [ErrBase64], [ErrZlib] or [ErrTooLarge], came from somebody who holds
// the key.
//
// No error of this package contains a key, a value or a signature; an error of a Serializer of your own is passed on as
// it is.
//
// # Differences from Django
//
// A compressed payload is inflated up to [Options].MaxInflated bytes, where Django has no bound. An empty key or
// fallback key is refused, where Django would take settings.SECRET_KEY. Keys, salts and values are Go strings and are
// signed as their bytes, which for a Python str is its UTF-8. Compressed texts of the two sides differ in their bytes,
// because their compressors do, but not in what they say.
//
// Signers are immutable and safe for concurrent use. They derive their keys once; keep one instead of making it anew.
package signing
