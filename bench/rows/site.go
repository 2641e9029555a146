package rows

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/djsession/djsession/internal/testenv"
)

//go:embed site.py
var sitePy string

const secretKey = "not a secret"

// site is a Django that uses a database.
type site struct {
	django   testenv.Django
	database *testenv.Database
}

func (s site) command(ctx context.Context, name string) (*exec.Cmd, error) {
	entry, err := json.Marshal(s.database.Django(nil))
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, s.django.Python, "-c", sitePy, string(entry), name, secretKey)
	cmd.Stderr = os.Stderr
	return cmd, nil
}

// run runs a command of site.py and returns what it printed.
func (s site) run(ctx context.Context, name string) (string, error) {
	cmd, err := s.command(ctx, name)
	if err != nil {
		return "", err
	}
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s in %s: %w", name, s.django, err)
	}
	return strings.TrimSpace(string(out)), nil
}

// clear starts Django, calls ready, runs clearsessions, and returns how long that took.
func (s site) clear(ctx context.Context, ready func()) (time.Duration, error) {
	cmd, err := s.command(ctx, "clear")
	if err != nil {
		return 0, err
	}
	input, err := cmd.StdinPipe()
	if err != nil {
		return 0, err
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	lines := bufio.NewScanner(output)
	var seconds float64
	if lines.Scan() {
		ready()
		_, _ = io.WriteString(input, "\n") // a process that has ended is an error below
		if lines.Scan() {
			seconds, err = strconv.ParseFloat(lines.Text(), 64)
		}
	}
	if waited := cmd.Wait(); waited != nil || err != nil || seconds == 0 {
		return 0, fmt.Errorf("clearsessions in %s: %v, %v", s.django, waited, err)
	}
	return time.Duration(seconds * float64(time.Second)), nil
}
