package django_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
)

const (
	expiredKey = "expiredexpiredexpiredexpired0000"
	deletedKey = "deleteddeleteddeleteddeleted0000"
)

// madeUpKeys are what somebody might have a victim's browser send, who hopes that
// the victim will log in under it.
var madeUpKeys = []string{
	unknownKey, expiredKey, deletedKey, "12345678", "1234567", "a", strings.Repeat("a", 32), strings.Repeat("a", 40),
	strings.Repeat("a", 41), strings.Repeat("a", 5000), strings.ToUpper(validKey), validKey + " x", validKey + "0", validKey[:31],
	`"` + unknownKey + `"`, "ключключключ", "../../../../etc/passwd", "' OR '1'='1' --", "%25%25%25%25%25%25%25%25", "\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8",
}

// TestFixation: a key that is not in the store is never taken over, whatever the
// handler does: what it saves goes under a key of ours, and that is the one that the
// browser is told.
func TestFixation(t *testing.T) {
	set := func(s *django.Session) error { return s.Set("a", 1) }
	handlers := map[string]func(st *site, r *http.Request) error{
		"nothing": func(*site, *http.Request) error { return nil },
		"reads":   func(st *site, r *http.Request) error { st.get(r).Has("a"); return nil },
		"sets":    func(st *site, r *http.Request) error { return set(st.get(r)) },
		"marks":   func(st *site, r *http.Request) error { st.get(r).MarkModified(); return nil },
		"cycles":  func(st *site, r *http.Request) error { st.get(r).CycleKey(); return nil },
		"renews":  func(st *site, r *http.Request) error { return st.get(r).Renew("a", 1) },
		"flushes": func(st *site, r *http.Request) error { return st.get(r).Flush(r.Context()) },
		"updates": func(st *site, r *http.Request) error { return st.UpdateRequest(r, set) },
		"saves":   func(st *site, r *http.Request) error { return st.get(r).Save(r.Context()) },
		"flushes, sets": func(st *site, r *http.Request) error {
			if err := st.get(r).Flush(r.Context()); err != nil {
				return err
			}
			return set(st.get(r))
		},
	}
	for name, h := range handlers {
		for _, every := range []bool{false, true} {
			st := newSite(t, func(s *django.Settings) { s.SessionSaveEveryRequest = every })
			st.put(validKey, `{"a":"another's"}`)
			st.put(expiredKey, `{"a":"another's"}`)
			_, err := st.db.Exec(`UPDATE django_session SET expire_date = ? WHERE session_key = ?`,
				st.now.Add(-time.Hour).Format("2006-01-02 15:04:05.000000"), expiredKey)
			must(t, err)
			st.put(deletedKey, `{}`)
			must(t, st.Delete(t.Context(), deletedKey))
			before := st.keys()
			saved := map[string]string{validKey: st.text(validKey), expiredKey: st.text(expiredKey)}

			for i, key := range madeUpKeys {
				var failed error
				w := st.serve(key, func(_ http.ResponseWriter, r *http.Request) { failed = h(st, r) })
				must(t, failed)
				check(t, "the status", w.Code, http.StatusOK)
				checkSetCookie(t, w.Header())
				created := slices.DeleteFunc(st.keys(), func(k string) bool { return slices.Contains(before, k) })
				for _, k := range created {
					if !isKey(k) || slices.Contains(madeUpKeys, k) {
						t.Fatalf("%s, every %v: made-up key %d was created in the store", name, every, i)
					}
				}
				told := ""
				for _, c := range w.Result().Cookies() {
					told = c.Value
				}
				switch {
				case len(created) > 1 || told != "" && !slices.Contains(created, told):
					t.Errorf("%s, every %v: made-up key %d: the browser is told of a key that was not created for it", name, every, i)
				case len(created) == 1 && told == "":
					t.Errorf("%s, every %v: made-up key %d: the browser is not told of its session", name, every, i)
				case strings.HasSuffix(name, "sets") && len(created) != 1:
					t.Errorf("%s, every %v: made-up key %d: nothing was saved", name, every, i)
				}
				for _, k := range created {
					must(t, st.Delete(t.Context(), k))
				}
			}
			for key, text := range saved {
				if st.text(key) != text {
					t.Errorf("%s, every %v: a session under another key was changed", name, every)
				}
			}
		}
	}
}
