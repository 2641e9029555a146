package signing

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/djsession/djsession/internal/base62"
	"github.com/djsession/djsession/internal/payload"
	"github.com/djsession/djsession/internal/testenv"
)

func liveSigner(t *testing.T, site liveSite) stamped {
	o := Options{Salt: "salt", Algorithm: site.Algorithm, LegacyAlgorithm: site.LegacyAlgorithm, Now: at(liveNow)}
	if site.Fallback {
		o.FallbackKeys = []string{"old"}
	}
	return newSigner(t, "TimestampSigner", "key", o).(stamped)
}

func signedQuestions(t *testing.T, r *rand.Rand, site liveSite, n int) (questions []question) {
	const characters = "ABCabc019-_=:.+/ \n!"
	s := liveSigner(t, site)
	plain := newSigner(t, "Signer", "key", Options{Salt: "salt", Algorithm: site.Algorithm})
	signers := []anySigner{s, s, s}
	for _, o := range []Options{{}, {Algorithm: SHA1}, {Algorithm: SHA256}, {Algorithm: SHA512}} {
		o.Salt, o.Now = "salt", at(liveNow)
		signers = append(signers, newSigner(t, "TimestampSigner", "key", o), newSigner(t, "TimestampSigner", "old", o))
	}
	for len(questions) < n {
		var text string
		switch r.IntN(4) {
		case 0: // mutated after signing
			text = string(signers[r.IntN(len(signers))].AppendPayload(nil, testenv.RandomText(r, r.IntN(200)), true))
			for range r.IntN(3) {
				text = string(mutate(r, []byte(text), characters))
			}
		case 1: // mutated before signing
			encoded, err := payload.Append(t.Context(), nil, testenv.RandomText(r, r.IntN(200)), true)
			if err != nil {
				t.Fatal(err)
			}
			for range r.IntN(3) {
				encoded = mutate(r, encoded, characters)
			}
			text = signers[r.IntN(len(signers))].Sign(string(encoded))
		case 2: // odd timestamps
			stamp := base62.Append(nil, 1_700_000_000+int64(r.IntN(40)-20))
			for range r.IntN(3) {
				stamp = mutate(r, stamp, characters)
			}
			text = plain.Sign("aGVsbG8:" + string(stamp))
		default: // anything
			var value []byte
			for range r.IntN(12) {
				value = append(value, []string{":", ".", "a", "0", "-", "\u00e9", "\U0001f600", "\x00"}[r.IntN(8)]...)
			}
			text = []string{string(value), plain.Sign(string(value)), s.Sign(string(value))}[r.IntN(3)]
		}
		if !utf8.ValidString(text) {
			continue
		}
		if r.IntN(2) == 0 {
			questions = append(questions,
				question{[]any{"unsign", text, nil}, func() string { return ourString(s.Unsign(text)) }},
				question{[]any{"loads", text, nil}, func() string { return ourBytes(s.Payload(text)) }})
			continue
		}
		maxAge := float64(r.IntN(64)-20) / 4
		questions = append(questions,
			question{[]any{"unsign", text, maxAge}, func() string { return ourString(s.TimestampSigner.Unsign(text, duration(maxAge))) }},
			question{[]any{"loads", text, maxAge}, func() string {
				return ourBytes(s.TimestampSigner.Payload(context.Background(), text, duration(maxAge)))
			}})
	}
	return questions
}

func cookieQuestions(t *testing.T, r *rand.Rand, site liveSite, n int) (questions []question) {
	reader := CookieOptions{Algorithm: site.Algorithm, LegacyAlgorithm: site.LegacyAlgorithm, Now: at(liveNow),
		WriteLegacySalt: !site.V2, LegacySaltFallback: site.V2}
	if site.Fallback {
		reader.FallbackKeys = []string{"old"}
	}
	c := cookieSigner(t, "key", reader)
	names, salts := []string{"a", "ab", "th\u00e9me"}, []string{"", "b", "\U0001f600b", "ab"}
	for len(questions) < n {
		name, salt := names[r.IntN(len(names))], salts[r.IntN(len(salts))]
		writer := cookieSigner(t, []string{"key", "old", "other"}[r.IntN(3)], CookieOptions{
			WriteLegacySalt: r.IntN(2) == 0,
			Algorithm:       []Algorithm{SHA1, SHA256}[r.IntN(2)],
			Now:             at(liveNow - float64(r.IntN(8))),
		})
		text := writer.Sign(name, salt, strings.Repeat("v:", r.IntN(3)))
		if r.IntN(3) == 0 {
			text = string(mutate(r, []byte(text), "ab:=-"))
		}
		if r.IntN(4) == 0 {
			name, salt = names[r.IntN(len(names))], salts[r.IntN(len(salts))]
		}
		if r.IntN(2) == 0 {
			questions = append(questions, question{[]any{"cookie", name, salt, text, nil},
				func() string { return ourString(c.Unsign(name, salt, text, NoMaxAge)) }})
			continue
		}
		maxAge := time.Duration(r.IntN(9)) * time.Second
		questions = append(questions, question{[]any{"cookie", name, salt, text, maxAge.Seconds()},
			func() string { return ourString(c.Unsign(name, salt, text, maxAge)) }})
	}
	return questions
}
