package messages_test

import (
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/cookie"
	"github.com/djsession/djsession/signing"
)

// The forms of a cookie that holds list.
func forms(t *testing.T, key string) map[string]string {
	t.Helper()
	hash, err := signing.SaltedHMAC("django.contrib.messages", list, key, signing.SHA1)
	must(t, err)
	signer, err := signing.NewTimestampSigner("django.http.cookies"+key, signing.Options{Salt: "django.contrib.messages"})
	must(t, err)
	return map[string]string{
		"hash":         cookie.Quote(hex.EncodeToString(hash) + "$" + list),
		"JSON":         cookie.Quote(signer.Sign(list)),
		"object":       signed(t, key, list, signing.Options{}),
		"SHA-1 object": signed(t, key, list, signing.Options{Algorithm: signing.SHA1}),
	}
}

// Each Django reads its own form and those that it still accepts, with its keys.
func TestFormsByVersion(t *testing.T) {
	const all = "hash, JSON, object, SHA-1 object"
	for _, c := range []struct {
		version, reads string
		older          bool
	}{
		{"2.2", "hash", false}, {"3.0", "hash", false}, {"3.1", "hash, JSON", false}, {"3.2", all, false}, {"4.0", "JSON, object", false},
		{"4.1", "object", false}, {"6.1", "object", false}, {"4.0", all, true}, {"6.1", all, true},
	} {
		for _, key := range []string{secretKey, "an older key", "another key"} {
			st := newSite(t, func(s *django.Settings) {
				s.DjangoVersion, s.ReadOlderFormats, s.SecretKeyFallbacks = c.version, c.older, []string{"an older key"}
			})
			rotates := c.version == "4.1" || c.version == "6.1"
			for name, value := range forms(t, key) {
				want := ""
				if slices.Contains(strings.Split(c.reads, ", "), name) && (key == secretKey || key == "an older key" && rotates) {
					want = "private text"
				}
				check(t, c.version+", "+name+", "+key, st.showing(t, []string{"messages=" + value}), want)
			}
		}
	}
}

// With DEFAULT_HASHING_ALGORITHM = "sha1" Django 3.2 signs with SHA-1.
func TestSHA1(t *testing.T) {
	sha1 := newSite(t, func(s *django.Settings) { s.DjangoVersion, s.SessionFormat = "3.2", django.FormatPre31 })
	w := sha1.serve(t, request(""), add(t, sha1))
	check(t, "3.2", newSite(t, func(s *django.Settings) { s.DjangoVersion = "3.2" }).showing(t, w.Header()["Set-Cookie"]), "added")
	check(t, "4.2", newSite(t, func(s *django.Settings) { s.DjangoVersion = "4.2" }).showing(t, w.Header()["Set-Cookie"]), "")
	check(t, "itself", sha1.showing(t, w.Header()["Set-Cookie"]), "added")
}
