package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/internal/testenv"
)

// live returns what the panel's script is told.
func (s *testShop) live(key string) (told liveSession) {
	s.t.Helper()
	got := s.do("GET", "/session/", key, nil)
	if got.StatusCode != http.StatusOK || len(got.Cookies()) != 0 || got.Header.Get("Cache-Control") != "no-store" {
		s.t.Errorf("status %d, %d cookies, Cache-Control %q", got.StatusCode, len(got.Cookies()), got.Header.Get("Cache-Control"))
	}
	if err := json.Unmarshal([]byte(got.body), &told); err != nil {
		s.t.Fatal(err)
	}
	return told
}

func TestLiveSession(t *testing.T) {
	shop := newTestShop(t, nil)
	none := liveSession{shownSession: shownSession{JSON: "{}"}}
	key := shop.login("107", testenv.MD5Hash(password), "cart", Cart{{"mug", 1}}, "written_by", "Django")
	got := shop.live(key)
	if got.User != "ada" || got.Key != key[:6]+"…" || got.WrittenBy != "Django" || !strings.Contains(got.JSON, "\n  \"cart\": [{\"sku\":\"mug\",\"quantity\":1}],\n") {
		t.Errorf("it tells %+v", got)
	}
	if got := shop.live(shop.session("cart", Cart{{"mug", 1}})); got.User != "" || got.Key == "" {
		t.Errorf("an anonymous cart: %+v", got)
	}
	for name, key := range map[string]string{
		"no cookie":              "",
		"no such session":        strings.Repeat("x", 32),
		"password changed since": shop.login("107", testenv.MD5Hash("before"), "cart", Cart{{"mug", 1}}),
	} {
		if got := shop.live(key); got != none {
			t.Errorf("%s: it tells %+v", name, got)
		}
	}
	shop.db.Close()
	if got := shop.do("GET", "/session/", key, nil); got.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("database down: status %d", got.StatusCode)
	}
}

// TestLiveOnlyReads: to ask is not to use the session: none is saved, extended or deleted.
func TestLiveOnlyReads(t *testing.T) {
	shop := newTestShop(t, nil)
	keys := []string{shop.ada(), shop.login("107", testenv.MD5Hash("before"))}
	var before, after []struct {
		Key    string    `db:"session_key"`
		Data   string    `db:"session_data"`
		Expiry time.Time `db:"expire_date"`
	}
	const rows = "SELECT session_key, session_data, expire_date FROM django_session ORDER BY session_key"
	if err := shop.db.Select(&before, rows); err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		shop.live(key)
	}
	if err := shop.db.Select(&after, rows); err != nil {
		t.Fatal(err)
	}
	if len(before) < 2 || len(before) != len(after) {
		t.Fatalf("%d sessions became %d", len(before), len(after))
	}
	for i := range before {
		if before[i] != after[i] {
			t.Error("a session was changed")
		}
	}
}
