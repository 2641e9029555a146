// Hash makes and checks password hashes for the tests. The tests run under the race
// detector, which makes hashes of Django's default cost many times slower.
//
// It reads a JSON array of tasks and prints a JSON array of results: the new hash, or "true"
// or "false" for a hash to check.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"

	"github.com/djsession/djsession/auth/hashers"
)

// Task is a password to hash or to check.
type Task struct {
	Django   string // its version
	Hasher   string // the only entry of PASSWORD_HASHERS
	Password string
	Encoded  string // the hash to check; if empty, a hash is made
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
