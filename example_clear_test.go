package djsession_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/memstore"
)

// Example_clearExpired deletes the expired sessions, as manage.py clearsessions does.
func Example_clearExpired() {
	settings := django.DefaultSettings()
	settings.SecretKey = "the SECRET_KEY of settings.py"
	now := time.Now()
	sessions, err := django.New(settings, memstore.New(), django.WithClock(func() time.Time { return now }))
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	for _, age := range []time.Duration{time.Hour, 30 * 24 * time.Hour} {
		s := sessions.NewSession()
		if err := s.SetExpiry(age); err != nil { // request.session.set_expiry
			log.Fatal(err)
		}
		if err := s.Save(ctx); err != nil {
			log.Fatal(err)
		}
	}

	now = now.Add(24 * time.Hour) // a job that runs once a day
	fmt.Println(sessions.ClearExpired(ctx))
	// Output: 1 <nil>
}
