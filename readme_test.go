package djsession

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const quickstart = "examples/quickstart/main.go"

// TestReadmeExample builds and runs the README's example as it is printed there,
// but for the port.
func TestReadmeExample(t *testing.T) {
	program := readmeProgram(t)
	address := freeAddress(t)
	program = strings.Replace(program, "127.0.0.1:8001", address, 1)

	binary := buildQuickstart(t, program)

	cmd := exec.CommandContext(t.Context(), binary)
	cmd.Dir = settingsDir(t, nil)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()

	jar, _ := cookiejar.New(nil)
	client := &http.Client{Jar: jar, Timeout: time.Minute}
	waitFor(t, address)
	for visit := 1; visit <= 3; visit++ {
		res, err := client.Get("http://" + address + "/visits")
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if want := fmt.Sprintf("visit %d, logged in as \"\"\n", visit); string(body) != want {
			t.Errorf("%s: %q, want %q", res.Status, body, want)
		}
	}
}

// buildQuickstart builds a program in the place of examples/quickstart, and
// returns the path of the binary.
func buildQuickstart(t *testing.T, program string) string {
	t.Helper()
	dir := t.TempDir()
	changed, overlay := filepath.Join(dir, "main.go"), filepath.Join(dir, "overlay.json")
	original, err := filepath.Abs(quickstart)
	if err != nil {
		t.Fatal(err)
	}
	replace, err := json.Marshal(map[string]map[string]string{"Replace": {original: changed}})
	if err != nil {
		t.Fatal(err)
	}
	for path, text := range map[string]string{changed: program, overlay: string(replace)} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	binary := filepath.Join(dir, "quickstart")
	build := exec.CommandContext(t.Context(), "go", "build", "-overlay", overlay, "-o", binary, "./"+filepath.Dir(quickstart))
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return binary
}

// readmeProgram returns the README's Go program, which is the one in
// examples/quickstart.
func readmeProgram(t *testing.T) string {
	t.Helper()
	program := readmeBlock(t, "```go\n")
	example, err := os.ReadFile(quickstart)
	if err != nil {
		t.Fatal(err)
	}
	_, code, _ := strings.Cut(string(example), "package main")
	if "package main"+code != program {
		t.Fatal("the README's first Go block is not " + quickstart)
	}
	return program
}

// readmeBlock returns the README's first code block that begins with this fence.
func readmeBlock(t *testing.T, fence string) string {
	t.Helper()
	return pageBlock(t, "README.md", fence)
}

// pageBlock returns a page's first code block that begins with this fence.
func pageBlock(t *testing.T, page, fence string) string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "\n"+fence)
	block, _, closed := strings.Cut(rest, "```\n")
	if !found || !closed {
		t.Fatalf("%s has no block %q", page, fence)
	}
	return block
}

// freeAddress returns an address to listen on later, another one each time. No system gives
// its port to a program that asks for any, so that nobody takes it meanwhile.
func freeAddress(t *testing.T) string {
	t.Helper()
	const first, ports = 20_000, 10_000
	for range ports {
		address := fmt.Sprint("127.0.0.1:", first+(os.Getpid()+int(addresses.Add(1)))%ports)
		if l, err := net.Listen("tcp", address); err == nil {
			l.Close()
			return address
		}
	}
	t.Fatal("no port is free")
	return ""
}

var addresses atomic.Int32 // how many freeAddress has tried

func waitFor(t *testing.T, address string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	for {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err == nil {
			conn.Close()
			return
		}
		if ctx.Err() != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// TestReadmeDemo: the lines of the demo's check that the README shows are those of
// steps that there are, numbered as they are.
func TestReadmeDemo(t *testing.T) {
	source, err := os.ReadFile("examples/cart/walk/steps.go")
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(string(source), "\nvar steps = ")
	list, _, _ = strings.Cut(list, "\n}\n")
	steps := regexp.MustCompile(`(?m)^\t\{"([^"]+)", `).FindAllStringSubmatch(list, -1)
	shown := regexp.MustCompile(`(?m)^ ?(\d+)  ok  (.{50}) `).FindAllStringSubmatch(readmeBlock(t, "```text\n"), -1)
	if len(shown) < 10 {
		t.Errorf("the README shows %d steps of the demo, want 10", len(shown))
	}
	for _, line := range shown {
		n, _ := strconv.Atoi(line[1])
		if name := strings.TrimSpace(line[2]); n < 1 || n > len(steps) || steps[n-1][1] != name {
			t.Errorf("the README shows a step %d %q that the demo does not have", n, name)
		}
	}
}

// TestRootDocNamesAllPackages: the root's documentation leads to every package.
func TestRootDocNamesAllPackages(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", "{{if .GoFiles}}{{.ImportPath}} {{.Name}}{{end}}", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		path, name, ok := strings.Cut(strings.TrimSpace(line), " ")
		switch {
		case !ok, path == "github.com/djsession/djsession", strings.Contains(path, "/internal/"):
		case name == "main" && !strings.Contains(path, "/cmd/"): // an example or a tool
		case strings.HasSuffix(path, "/compat_test"), strings.HasSuffix(path, "/torture"): // tests only
		case !strings.Contains(string(doc), "["+path+"]"):
			t.Errorf("doc.go does not name %s", path)
		}
	}
}
