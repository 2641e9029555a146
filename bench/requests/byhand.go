package requests

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"
)

const sessionAge = 14 * 24 * time.Hour

// rows are the queries that a service would write by hand.
type rows interface {
	load(ctx context.Context, key string) (text string, err error) // errNoRow
	save(ctx context.Context, key, text string, expires time.Time) error
	user(ctx context.Context, id int64) (u user, err error) // errNoRow
}

type user struct {
	name, password string
	active         bool
}

var errNoRow = errors.New("no such row")

// byHand is a service that has Django's format and the queries built in, without a library.
type byHand struct {
	rows
	format *format
}

func serveByHand(open func(*site) (rows, error)) func(*site) (http.Handler, error) {
	return func(s *site) (http.Handler, error) {
		rows, err := open(s)
		if err != nil {
			return nil, err
		}
		b := &byHand{rows: rows, format: newFormat(s.SecretKey)}
		return handler{read: b.readVisits, change: b.raiseVisits, user: b.showUser}.mux(), nil
	}
}

// session reads the session of a request into values, which stay as they are if there is
// none.
func (b *byHand) session(w http.ResponseWriter, r *http.Request, values any) (key string, err error) {
	w.Header().Set("Vary", "Cookie")
	cookie, err := r.Cookie("sessionid")
	if err != nil {
		return "", nil
	}
	text, err := b.load(r.Context(), cookie.Value)
	if errors.Is(err, errNoRow) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return cookie.Value, b.format.decode(text, values)
}

func (b *byHand) readVisits(w http.ResponseWriter, r *http.Request) {
	var values struct{ Visits int }
	if _, err := b.session(w, r, &values); err != nil {
		fail(w, err)
		return
	}
	answer(w, strconv.Itoa(values.Visits))
}

// raiseVisits keeps the values that it does not know.
func (b *byHand) raiseVisits(w http.ResponseWriter, r *http.Request) {
	var values map[string]json.RawMessage
	key, err := b.session(w, r, &values)
	if err == nil && values == nil {
		err = errNoRow // a new session is not part of the comparison
	}
	if err != nil {
		fail(w, err)
		return
	}
	var visits int
	if value, ok := values["visits"]; ok {
		if err := json.Unmarshal(value, &visits); err != nil {
			fail(w, err)
			return
		}
	}
	values["visits"] = json.RawMessage(strconv.Itoa(visits + 1))
	text, err := b.format.encode(values)
	if err != nil {
		fail(w, err)
		return
	}
	expires := time.Now().Add(sessionAge)
	if err := b.save(r.Context(), key, text, expires); err != nil {
		fail(w, err)
		return
	}
	setCookie(w, key, expires)
	answer(w, strconv.Itoa(visits+1))
}

func setCookie(w http.ResponseWriter, key string, expires time.Time) {
	http.SetCookie(w, &http.Cookie{
		Name: "sessionid", Value: key, Path: "/", Expires: expires, MaxAge: int(sessionAge / time.Second),
		HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

func (b *byHand) showUser(w http.ResponseWriter, r *http.Request) {
	var values struct {
		ID   string `json:"_auth_user_id"`
		Hash string `json:"_auth_user_hash"`
	}
	if _, err := b.session(w, r, &values); err != nil {
		fail(w, err)
		return
	}
	number, err := strconv.ParseInt(values.ID, 10, 64)
	if err != nil {
		answer(w, "")
		return
	}
	u, err := b.user(r.Context(), number)
	if err != nil && !errors.Is(err, errNoRow) {
		fail(w, err)
		return
	}
	if err != nil || !u.active || !b.format.loggedIn(values.Hash, u.password) {
		u.name = ""
	}
	answer(w, u.name)
}
