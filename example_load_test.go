package djsession_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/memstore"
)

// Example_load reads and changes a session by its key, outside of a request: in a worker,
// or for a WebSocket.
func Example_load() {
	settings := django.DefaultSettings()
	settings.SecretKey = "the SECRET_KEY of settings.py"
	sessions, err := django.New(settings, memstore.New())
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	created := sessions.NewSession()
	if err := created.Set("order", 7); err != nil {
		log.Fatal(err)
	}
	if err := created.Save(ctx); err != nil {
		log.Fatal(err)
	}
	key := created.Key() // as in the cookie sessionid

	s, err := sessions.Load(ctx, key) // SessionStore(key)
	if err != nil {
		log.Fatal(err)
	}
	order, err := django.Value(s, "order", 0)
	fmt.Println(order, err)
	if err := s.Set("paid", true); err != nil {
		log.Fatal(err)
	}
	// Save keeps what another writer has stored under other keys meanwhile.
	if err := s.Save(ctx); err != nil {
		log.Fatal(err)
	}

	if err := sessions.Delete(ctx, key); err != nil {
		log.Fatal(err)
	}
	_, err = sessions.Load(ctx, key)
	fmt.Println(errors.Is(err, django.ErrNotFound))
	// Output:
	// 7 <nil>
	// true
}
