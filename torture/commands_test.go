package torture

import (
	"encoding/json"
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

// commandLine has many processes of the djsession command each set a key of one session,
// all at once.
func commandLine(t *testing.T, a *arena) {
	a.refresh(t)
	binary := filepath.Join(t.TempDir(), "djsession")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "../cmd/djsession").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	key := a.keys[0]
	saved := make([]bool, current.commands)
	var running sync.WaitGroup
	for i := range saved {
		running.Go(func() {
			cmd := exec.CommandContext(t.Context(), binary, "set", key, fmt.Sprint("name ", i), strconv.Itoa(i))
			cmd.Env = append(os.Environ(), "DJANGO_SECRET_KEY="+secret, "DATABASE_URL="+a.database.URL(), "DJANGO_USE_TZ=true")
			out, err := cmd.CombinedOutput()
			if saved[i] = err == nil; err != nil {
				t.Errorf("djsession set: %v\n%s", err, strings.ReplaceAll(string(out), key, "KEY"))
			}
		})
	}
	running.Wait()
	contents := testenv.Ask[[]map[string]json.RawMessage](t, a.judge, "contents", testenv.Args{"session_keys": a.keys[:1]})
	told, there := 0, 0
	for i := range saved {
		if saved[i] {
			told++
		}
		if string(contents[0][fmt.Sprint("name ", i)]) == strconv.Itoa(i) {
			there++
		}
	}
	if told != len(saved) || there != len(saved) {
		t.Errorf("of %d, %d reported success, and Django reads %d", len(saved), told, there)
	}
	a.add(t, commands, fmt.Sprintf("%d told saved, %d there", told, there))
}
