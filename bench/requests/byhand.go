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

// session returns the session of a request, nil for none.
func (b *byHand) session(w http.ResponseWriter, r *http.Request) (key string, values map[string]json.RawMessage, err error) {
	w.Header().Set("Vary", "Cookie")
	cookie, err := r.Cookie("sessionid")
	if err != nil {
		return "", nil, nil
	}
	text, err := b.load(r.Context(), cookie.Value)
	if errors.Is(err, errNoRow) {
		return "", nil, nil
	}
	if err != nil {
		return "", nil, err
	}
	values, err = b.format.decode(text)
	return cookie.Value, values, err
}

func visitsIn(values map[string]json.RawMessage) (visits int, err error) {
	if value, ok := values["visits"]; ok {
		err = json.Unmarshal(value, &visits)
	}
	return visits, err
}

func (b *byHand) readVisits(w http.ResponseWriter, r *http.Request) {
	_, values, err := b.session(w, r)
	if err != nil {
		fail(w, err)
		return
	}
	visits, err := visitsIn(values)
	if err != nil {
		fail(w, err)
		return
	}
	answer(w, strconv.Itoa(visits))
}

func (b *byHand) raiseVisits(w http.ResponseWriter, r *http.Request) {
	key, values, err := b.session(w, r)
	if err == nil && values == nil {
		err = errNoRow // a new session is not part of the comparison
	}
	if err != nil {
		fail(w, err)
		return
	}
	visits, err := visitsIn(values)
	if err != nil {
		fail(w, err)
		return
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
	_, values, err := b.session(w, r)
	if err != nil {
		fail(w, err)
		return
	}
	var id, hash string
	_ = json.Unmarshal(values["_auth_user_id"], &id)
	_ = json.Unmarshal(values["_auth_user_hash"], &hash)
	number, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		answer(w, "")
		return
	}
	u, err := b.user(r.Context(), number)
	if err != nil && !errors.Is(err, errNoRow) {
		fail(w, err)
		return
	}
	if err != nil || !u.active || !b.format.loggedIn(hash, u.password) {
		u.name = ""
	}
	answer(w, u.name)
}
