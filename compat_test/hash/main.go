// Hash makes and checks password hashes for the tests: the race detector, under
// which they run, makes those of Django's own cost take many times as long.
//
// It reads a JSON array of tasks and prints one of their results: the hash that
// was made, or "true" or "false" for one that was checked.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"

	"github.com/djsession/djsession/auth/hashers"
)

// Task is what is to be done with a password.
type Task struct {
	Django   string // its version
	Hasher   string // the one entry of PASSWORD_HASHERS
	Password string
	Encoded  string // the hash to check; "" makes one
}

func (t Task) do(ctx context.Context) (string, error) {
	h, err := hashers.New(hashers.Options{DjangoVersion: t.Django, PasswordHashers: []string{t.Hasher}})
	if err != nil {
		return "", err
	}
	if t.Encoded == "" {
		return h.Make(ctx, t.Password)
	}
	result, err := h.Check(ctx, t.Password, t.Encoded)
	return fmt.Sprint(result.OK), err
}

func main() {
	var tasks []Task
	if err := json.NewDecoder(os.Stdin).Decode(&tasks); err != nil {
		log.Fatal(err)
	}
	results := make([]string, len(tasks))
	for i, t := range tasks {
		var err error
		if results[i], err = t.do(context.Background()); err != nil {
			log.Fatal(err)
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(results); err != nil {
		log.Fatal(err)
	}
}
