// Package signing makes and verifies signed texts as django.core.signing does. Start with [NewTimestampSigner]:
//
//	signer, err := signing.NewTimestampSigner(secretKey, signing.Options{Salt: "shop.invite"})
//	link, err := signer.SignObject(invite, true)              // signing.dumps(invite, salt="shop.invite", compress=True)
//	err = signer.UnsignObject(link, &invite, 24*time.Hour)    // signing.loads(link, salt="shop.invite", max_age=86400)
//
// [Dumps] and [Loads] use Django's default salt. [NewSigner] signs without a time, [NewCookieSigner] reads and writes
// signed cookies, and [SaltedHMAC] is salted_hmac. Signers are immutable and safe for concurrent use. They derive their
// keys once, so keep them.
//
// Use a different salt for each purpose, or a text that was signed for one is accepted for another. Signed is not
// secret: everybody can read the value. errors.Is with [ErrBadSignature] reports what Django raises BadSignature for. No
// error of this package contains a key, a value or a signature.
//
// Unlike Django, this package limits the size of an inflated payload to [Options].MaxInflated and rejects an empty key.
// Keys, salts and values are signed as their bytes, which for a Python str is its UTF-8.
package signing
