package codec

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/djsession/djsession/bench/measure"
	"github.com/djsession/djsession/internal/testenv"
)

//go:embed django.py
var script string

// written is a session as Django wrote it.
type written struct {
	Text string `json:"text"` // session_data
	JSON string `json:"json"` // what is in it
}

// python is a Python process with a Django.
type python struct {
	cmd     *exec.Cmd
	calls   io.WriteCloser
	answers *bufio.Reader
}

func startPython(ctx context.Context, django testenv.Django) (*python, error) {
	cmd := exec.CommandContext(ctx, django.Python, "-E", "-s", "-c", script, secretKey)
	cmd.Stderr = os.Stderr
	calls, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	answers, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("%v: %w", django, err)
	}
	return &python{cmd, calls, bufio.NewReader(answers)}, nil
}

// call calls a function of django.py.
func (p *python) call(result any, function string, args ...any) error {
	if err := json.NewEncoder(p.calls).Encode(append([]any{function}, args...)); err != nil {
		return fmt.Errorf("django.py: %s: %w", function, err)
	}
	answer, err := p.answers.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("django.py: %s: %w", function, err)
	}
	return json.Unmarshal(answer, result)
}

// way is a function of django.py that does something with text so many times.
func (p *python) way(name, function, text string) measure.Way {
	return measure.Way{Name: name, Do: func(n int) (time.Duration, error) {
		var seconds float64
		err := p.call(&seconds, function, text, n)
		return time.Duration(seconds * float64(time.Second)), err
	}}
}

func (p *python) close() error {
	_ = p.calls.Close() // the end of its input ends the process
	return p.cmd.Wait()
}
