package torture

import (
	"time"

	"github.com/djsession/djsession/django"
)

// secret is the SECRET_KEY. No log may contain it.
const secret = "the secret that every writer shares"

// The roles of a Go process.
const (
	writing  = "write"    // to the shared sessions, in every way there is
	careless = "careless" // to the same, without compare-and-swap
	counting = "count"    // one session's counter up
	serving  = "serve"    // requests that do both
)

// An order tells a Go process what to do. It is the first line of its standard input.
type order struct {
	Role       string
	Name       string // the prefix of its writers' names
	Driver     string
	DSN        string
	Place      place  // instead of a database
	Django     string // its series
	Keys       []string
	Counter    string // the key of the counter's session
	Goroutines int
	Increments int           // of all goroutines together
	Rest       time.Duration // between two writes
	Ahead      time.Duration // of its clock
	Timeout    time.Duration // of a request; 0 is the default

	Secrets []string `json:"-"` // what the process must not log
	Watch   *watch   `json:"-"` // is told of each write; nil for a database
}

// mostConnections is how many connections a Go process holds.
const mostConnections = 8

func siteSettings(version string) django.Settings {
	set := django.DefaultSettings()
	set.SecretKey, set.DjangoVersion, set.UseTZ = secret, version, new(true)
	return set
}
