package compat

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/djsession/djsession/internal/testenv"
)

// setAtOnce: processes of Django and processes of Go each set a key of one session, all at once, and each
// key is there.
func setAtOnce(t *testing.T, c *together, each int) {
	binary, err := djsessionBinary()
	if err != nil {
		t.Fatal(err)
	}
	key, gate := c.newKey(t), filepath.Join(t.TempDir(), "gate")
	ofDjango, ofGo := make([]string, each), make([]string, each)
	for i := range each {
		ofDjango[i], ofGo[i] = fmt.Sprint("Django ", i), fmt.Sprint("Go ", i)
	}
	var running sync.WaitGroup
	var told map[string]string
	var failed error
	running.Go(func() {
		failed = c.worker.Call("set_at_once", testenv.Args{"settings": c.settings, "session_key": key, "names": ofDjango, "gate": gate}, &told)
	})
	for i, name := range ofGo {
		running.Go(func() {
			cmd := exec.CommandContext(t.Context(), binary, "set", key, name, strconv.Itoa(i))
			cmd.Env = c.environment
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("djsession set: %v\n%s", err, strings.ReplaceAll(string(out), key, "KEY"))
			}
		})
	}
	if err := os.WriteFile(gate, nil, 0o600); err != nil {
		t.Error(err)
	}
	running.Wait()
	if failed != nil {
		t.Fatal(failed)
	}
	s := c.load(t, key)
	there := 0
	for i := range each {
		for _, name := range []string{ofDjango[i], ofGo[i]} {
			if c.number(t, s, name) == i {
				there++
			}
		}
		if answer := told[ofDjango[i]]; answer != "saved" {
			t.Errorf("%s was not saved: %s", ofDjango[i], answer)
		}
	}
	if there != 2*each {
		t.Errorf("%d of %d keys are there", there, 2*each)
	}
	if loaded := c.judge(t, key); len(loaded.Values.Pairs) != len(simple.Pairs)+2*each {
		t.Errorf("Django loads %d keys, want %d", len(loaded.Values.Pairs), len(simple.Pairs)+2*each)
	}
}
