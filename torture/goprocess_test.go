package torture

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// A goProcess is this test's binary, started as a child with an order.
type goProcess struct {
	order   order
	address string // of its service
	log     string // path of what it logged

	cmd   *exec.Cmd
	stdin io.WriteCloser
	ready chan string   // receives its address, or ""
	ended chan struct{} // closed when it has ended

	mu        sync.Mutex
	stored    []write
	took      []time.Duration // by each of them, or by each increment
	failed    int             // writes that were not, or perhaps not, stored
	wrong     int             // those that failed otherwise than because the server was too busy
	anonymous int
	done      bool // it reported that it has carried out its order
}

// start starts processes and waits until they are ready. They end with the test.
func start(t *testing.T, orders ...order) []*goProcess {
	t.Helper()
	processes := make([]*goProcess, len(orders))
	for i, o := range orders {
		p, err := newProcess(filepath.Join(t.TempDir(), o.Name+".log"), o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			p.kill()
			p.checkLog(t)
			if p.wrong > 0 {
				t.Errorf("process %s: %d writes failed with something else than 503; its log:\n%s", p.order.Name, p.wrong, tailOf(p.log))
			}
		})
		processes[i] = p
	}
	for _, p := range processes {
		select {
		case p.address = <-p.ready:
		case <-p.ended:
			t.Fatalf("process %s ended before it began; its log:\n%s", p.order.Name, tailOf(p.log))
		}
	}
	return processes
}

func newProcess(log string, o order) (*goProcess, error) {
	binary, err := os.Executable()
	if err != nil {
		return nil, err
	}
	stderr, err := os.Create(log)
	if err != nil {
		return nil, err
	}
	defer stderr.Close()
	p := &goProcess{order: o, log: log, ready: make(chan string, 1), ended: make(chan struct{})}
	p.cmd = exec.Command(binary)
	p.cmd.Env = append(os.Environ(), processVariable+"=1")
	p.cmd.Stderr = stderr
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(p.ended)
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			p.hear(lines.Text())
		}
		_ = p.cmd.Wait() // how it ended is in ProcessState
	}()
	line, err := json.Marshal(o)
	if err == nil {
		_, err = p.stdin.Write(append(line, '\n'))
	}
	return p, err
}

// hear handles a line of the process's output.
func (p *goProcess) hear(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	words := strings.Fields(line)
	switch {
	case len(words) == 6 && words[0] == "stored":
		session, err1 := strconv.Atoi(words[1])
		number, err2 := strconv.Atoi(words[3])
		was, err3 := strconv.Atoi(words[4])
		micros, err4 := strconv.Atoi(words[5])
		if errors.Join(err1, err2, err3, err4) == nil {
			p.stored = append(p.stored, write{session, words[2], number})
			p.took = append(p.took, time.Duration(micros)*time.Microsecond)
			p.order.Watch.acknowledge(write{session, words[2], number}, was)
		}
	case len(words) == 4 && words[0] == "counted":
		own, err1 := strconv.Atoi(words[2])
		micros, err2 := strconv.Atoi(words[3])
		if errors.Join(err1, err2) == nil {
			p.took = append(p.took, time.Duration(micros)*time.Microsecond)
			p.order.Watch.counted(words[1], own)
		}
	case len(words) == 3 && words[0] == "uncounted":
		p.failed++
		p.order.Watch.uncounted(words[1], words[2] == "true")
	case len(words) == 2 && words[0] == "ready":
		p.ready <- words[1]
	case line == "failed":
		p.failed++
	case line == "wrong":
		p.wrong++
	case line == "anonymous":
		p.anonymous++
	case line == "done":
		p.done = true
	}
}

// begin tells the process to begin.
func (p *goProcess) begin(t *testing.T) {
	t.Helper()
	if _, err := p.stdin.Write([]byte("begin\n")); err != nil {
		t.Fatalf("process %s does not begin: %v; its log:\n%s", p.order.Name, err, tailOf(p.log))
	}
}

// end asks the process to end, and waits until it has.
func (p *goProcess) end(t *testing.T) {
	t.Helper()
	_ = p.stdin.Close()
	p.wait(t)
}

// wait waits until the process has carried out its order.
func (p *goProcess) wait(t *testing.T) {
	t.Helper()
	select {
	case <-p.ended:
	case <-time.After(2 * countPatience):
		p.kill()
		t.Errorf("process %s had to be killed", p.order.Name)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.done || !p.cmd.ProcessState.Success() {
		t.Errorf("process %s: %v; its log:\n%s", p.order.Name, p.cmd.ProcessState, tailOf(p.log))
	}
}

// kill ends the process by SIGKILL. One that has ended already is left alone.
func (p *goProcess) kill() {
	_ = p.cmd.Process.Kill()
	<-p.ended
	_ = p.stdin.Close()
}

func tailOf(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-2000):])
}
