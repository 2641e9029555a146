package django_test

import (
	"net/http"
	"testing"

	"github.com/djsession/djsession/django"
)

// Nothing of an abandoned session is seen or saved, and the stored session with its
// cookie stays.
func TestAbandon(t *testing.T) {
	for name, c := range map[string]struct {
		then    func(*site, *http.Request)
		renewed bool // a new session is made
	}{
		"nothing": {func(st *site, r *http.Request) {}, false},
		"read":    {func(st *site, r *http.Request) { st.get(r).Get("a") }, false},
		"mark":    {func(st *site, r *http.Request) { st.get(r).MarkModified() }, false},
		"clear":   {func(st *site, r *http.Request) { st.get(r).Clear() }, false},
		"save":    {func(st *site, r *http.Request) { _ = st.get(r).Save(r.Context()) }, false},
		"set":     {func(st *site, r *http.Request) { _ = st.get(r).Set("b", 1) }, true},
		"cycle":   {func(st *site, r *http.Request) { st.get(r).CycleKey() }, true},
		"update":  {func(st *site, r *http.Request) { _ = st.UpdateRequest(r, increment) }, true},
	} {
		for _, every := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				st := newSite(t, func(s *django.Settings) { s.SessionSaveEveryRequest = every })
				st.put(validKey, `{"a":1}`)
				text := st.text(validKey)
				w := st.serve(validKey, func(_ http.ResponseWriter, r *http.Request) {
					s := st.get(r)
					must(t, s.Set("early", 1))
					s.CycleKey()
					s.Abandon()
					check(t, "its length", s.Len(), 0)
					check(t, "whether it is empty", s.IsEmpty(), true)
					c.then(st, r)
				})
				check(t, "the status", w.Code, http.StatusOK)
				check(t, "the stored text", st.text(validKey), text)
				check(t, "cookies", len(w.Result().Cookies()), map[bool]int{false: 0, true: 1}[c.renewed])
				check(t, "sessions", len(st.keys()), map[bool]int{false: 1, true: 2}[c.renewed])
				for _, cookie := range w.Result().Cookies() {
					check(t, "whether the new key is the old one", cookie.Value == validKey, false)
				}
				check(t, "Vary", w.Header().Get("Vary"), "Cookie")
			})
		}
	}
}

// A save that is under way while the session is abandoned stores what it had, and brings
// nothing of it back into the session.
func TestAbandonDuringASave(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"a":1}`)
	s := st.load(validKey)
	must(t, s.Set("b", 1))
	st.store.once("Save", func() error { s.Abandon(); return nil })
	must(t, s.Save(t.Context()))
	check(t, "what is stored", st.data(validKey), `{"a":1,"b":1}`)
	check(t, "what the session holds", jsonOf(t, s), `{}`)
	check(t, "the key", s.Key(), "")
}
