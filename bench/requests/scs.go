package requests

import (
	"encoding/gob"
	"net/http"
	"strconv"
	"time"

	"github.com/alexedwards/scs/goredisstore"
	"github.com/alexedwards/scs/postgresstore"
	"github.com/alexedwards/scs/v2"
)

// cart is what Django's sessions have in their carts. Packages that cannot read these have
// sessions of the same values.
type cart []map[string]any

func cartOf() cart {
	return cart{{"sku": "tea", "quantity": 2}, {"sku": "mug", "quantity": 1}, {"sku": "coffee", "quantity": 3}}
}

// login is what else Django's sessions have in them.
var login = map[string]string{
	"_auth_user_id":      "1234",
	"_auth_user_backend": "django.contrib.auth.backends.ModelBackend",
	"_auth_user_hash":    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
}

// scsTable is the table of its documentation.
const scsTable = `CREATE TABLE sessions (token TEXT PRIMARY KEY, data BYTEA NOT NULL, expiry TIMESTAMPTZ NOT NULL);
CREATE INDEX sessions_expiry_idx ON sessions (expiry)`

// serveSCS is alexedwards/scs, with its store in PostgreSQL or Redis.
func serveSCS(s *site) (http.Handler, error) {
	gob.Register(cart{})
	sessions := scs.New()
	sessions.Lifetime, sessions.Cookie.Name = sessionAge, "sessionid"
	sessions.ErrorFunc = func(w http.ResponseWriter, _ *http.Request, err error) { fail(w, err) }
	if s.Redis != "" {
		sessions.Store = goredisstore.New(s.redisClient())
	} else {
		db, err := s.open()
		if err != nil {
			return nil, err
		}
		if _, err := db.Exec(scsTable); err != nil {
			return nil, err
		}
		sessions.Store = postgresstore.NewWithCleanupInterval(db, time.Hour)
	}
	mux := handler{
		read: func(w http.ResponseWriter, r *http.Request) {
			answer(w, strconv.Itoa(sessions.GetInt(r.Context(), "visits")))
		},
		change: func(w http.ResponseWriter, r *http.Request) {
			visits := sessions.GetInt(r.Context(), "visits") + 1
			sessions.Put(r.Context(), "visits", visits)
			answer(w, strconv.Itoa(visits))
		},
	}.mux()
	mux.HandleFunc("/new", func(w http.ResponseWriter, r *http.Request) {
		for name, value := range login {
			sessions.Put(r.Context(), name, value)
		}
		sessions.Put(r.Context(), "cart", cartOf())
		sessions.Put(r.Context(), "visits", 0)
		answer(w, "0")
	})
	return sessions.LoadAndSave(mux), nil
}
