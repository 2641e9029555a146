package auth_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
	"io"
	"log/slog"
	"slices"
	"testing"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/memstore"
	"github.com/djsession/djsession/serializer"
)

// twoUsers are 7, who is active, and 8, who is not.
type twoUsers struct{}

func (twoUsers) ByID(_ context.Context, id string) (auth.User, error) {
	if id != "7" && id != "8" {
		return auth.User{}, auth.ErrNoUser
	}
	return auth.User{ID: id, Username: "ann", Password: "the password field of " + id, IsActive: id == "7"}, nil
}

func (u twoUsers) ByUsername(context.Context, string) (auth.User, error) {
	return auth.User{}, auth.ErrNoUser
}
func (twoUsers) ReadID(v serializer.Value) (string, bool) { return auth.ReadText(v) }

// loginHash is Django's get_session_auth_hash.
func loginHash(h func() hash.Hash, secret, password string) string {
	key := h()
	io.WriteString(key, "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"+secret)
	mac := hmac.New(h, key.Sum(nil))
	io.WriteString(mac, password)
	return hex.EncodeToString(mac.Sum(nil))
}

// FuzzInspect puts any JSON into a session for a login's three values. Somebody is
// logged in by the right three and by no others.
func FuzzInspect(f *testing.F) {
	const secret, older, password = "a secret of the tests", "an older secret", "the password field of 7"
	sha256Hash, olderHash := loginHash(sha256.New, secret, password), loginHash(sha256.New, older, password)
	sha1Hash := loginHash(sha1.New, secret, password)
	sites := []struct {
		version  string
		accepted []string // hashes of 7
		renewed  string
		logins   *auth.Logins
		sessions *django.Sessions
	}{
		{version: "6.1", accepted: []string{sha256Hash, olderHash}, renewed: olderHash},
		{version: "3.2", accepted: []string{sha256Hash, sha1Hash}},
		{version: "2.2", accepted: []string{sha1Hash}},
	}
	for i := range sites {
		s := &sites[i]
		set := django.DefaultSettings()
		set.SecretKey, set.DjangoVersion, set.UseTZ = secret, s.version, new(true)
		if s.renewed != "" {
			set.SecretKeyFallbacks = []string{older}
		}
		var err error
		s.sessions, err = django.New(set, memstore.New())
		if err != nil {
			f.Fatal(err)
		}
		if s.logins, err = auth.New(s.sessions, twoUsers{}, auth.WithLogger(slog.New(slog.DiscardHandler))); err != nil {
			f.Fatal(err)
		}
	}
	quote := func(s string) string { return `"` + s + `"` }
	for which := range uint8(3) {
		for _, id := range []string{`"7"`, `"8"`, `7`, `null`, `"\u0037"`, `" 7"`, `["7"]`} {
			f.Add(id, quote(modelBackend), quote(sha256Hash), which)
		}
		for _, backend := range []string{`null`, `"x"`, `["` + modelBackend + `"]`, quote(modelBackend + "s"), `"\u0064` + modelBackend[1:] + `"`} {
			f.Add(`"7"`, backend, quote(sha256Hash), which)
		}
		for _, h := range []string{sha1Hash, olderHash, sha256Hash[1:], loginHash(sha256.New, secret, "the password field of 8"), "", "\\ud800"} {
			f.Add(`"7"`, quote(modelBackend), quote(h), which)
			f.Add(`"8"`, quote(modelBackend), quote(h), which)
		}
		f.Add(`"7"`, quote(modelBackend), `null`, which)
		f.Add(`"7"`, quote(modelBackend), `{}`, which)
	}
	f.Fuzz(func(t *testing.T, id, backend, hash string, which uint8) {
		site := sites[int(which)%len(sites)]
		s := site.sessions.NewSession()
		var texts [3]string
		right := true
		for i, value := range []struct{ name, text string }{{"_auth_user_id", id}, {"_auth_user_backend", backend}, {"_auth_user_hash", hash}} {
			if value.text != "" && s.Set(value.name, json.RawMessage(value.text)) != nil {
				return
			}
			right = json.Unmarshal([]byte(value.text), &texts[i]) == nil && right
		}
		right = right && texts[0] == "7" && texts[1] == modelBackend && slices.Contains(site.accepted, texts[2])
		v, err := site.logins.Inspect(t.Context(), s)
		switch {
		case err != nil:
			t.Fatal(err)
		case v.User.IsAuthenticated() != right || (v.Reason == nil) != right:
			t.Fatalf("Django %s: %q by %q is logged in: %v", site.version, texts[0], texts[1], v.Reason)
		case v.Renew != (right && texts[2] == site.renewed):
			t.Fatalf("Django %s: to be renewed: %v", site.version, v.Renew)
		case right && (v.User.ID != "7" || v.User.Backend != modelBackend):
			t.Fatalf("logged in is %v", v.User)
		case v.Flush != (errors.Is(v.Reason, auth.ErrHashMissing) || errors.Is(v.Reason, auth.ErrHashMismatch)):
			t.Fatalf("flushed %v, for %v", v.Flush, v.Reason)
		}
	})
}
