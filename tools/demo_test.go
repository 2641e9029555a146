package tools

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain lets the test binary play Django and the Go service for tools/demo. The
// variables DEMO_TEST_DJANGO and DEMO_TEST_GO hold what is wrong with each.
func TestMain(m *testing.M) {
	role := os.Getenv("DEMO_TEST_ROLE")
	if role == "" {
		os.Exit(m.Run())
	}
	part := os.Getenv("DEMO_TEST_" + role)
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGTERM)
	if part == "fail" {
		fmt.Println("the reason")
		os.Exit(3)
	}
	if part != "silent" {
		address := regexp.MustCompile(`127\.0\.0\.1:\d+`).FindString(strings.Join(os.Args, " "))
		listener, err := net.Listen("tcp", address)
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		if part == "end when written to" {
			go endWhenWrittenTo(listener)
		}
	}
	select {
	case <-asked:
	case <-time.After(5 * time.Minute): // longer than any test
		os.Exit(1)
	}
	switch part {
	case "stubborn":
		time.Sleep(5 * time.Minute)
	case "fail at the end":
		os.Exit(4)
	}
}

func endWhenWrittenTo(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			os.Exit(1)
		}
		if n, _ := conn.Read(make([]byte, 1)); n == 1 {
			os.Exit(3)
		}
	}
}

// demo is tools/demo in a directory of its own, with programs that this test plays.
func demo(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	needs(t, "bash")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	script, err := os.ReadFile("demo")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"tools/demo":  string(script),
		"tools/setup": "#!/bin/sh\necho " + root + "/python\n",
		"python": "#!/bin/sh\ncase $1 in */prepare.py) echo \"Django 6.1: the shop is ready\" ;; *)\n" +
			"env >" + root + "/environment; DEMO_TEST_ROLE=DJANGO exec " + self + " \"$@\" ;; esac\n",
		"bin/go": "#!/bin/sh\nprintf '#!/bin/sh\\nDEMO_TEST_ROLE=GO exec " + self + " \"$@\"\\n' >$3/cart\n" +
			"printf '#!/bin/sh\\n$DEMO_TEST_WALK\\n' >$3/walk\nchmod +x $3/cart $3/walk\n",
	} {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, filepath.Join(root, "tools/demo"), args...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "PATH="+root+"/bin:"+os.Getenv("PATH"), "DEMO_START_SECONDS=120", "DEMO_STOP_SECONDS=120", "DEMO_TEST_WALK=true")
	return cmd
}

func TestDemoCheck(t *testing.T) {
	for name, c := range map[string]struct {
		env  []string
		want string // in what it prints; empty for success
	}{
		"good":                             {},
		"a step does not hold":             {[]string{"DEMO_TEST_WALK=exit 1"}, ""},
		"Django ends too soon":             {[]string{"DEMO_TEST_DJANGO=fail"}, "django ended by itself with status 3"},
		"Django ends too soon, and says":   {[]string{"DEMO_TEST_DJANGO=fail"}, "the reason"},
		"Go ends too soon":                 {[]string{"DEMO_TEST_GO=fail"}, "go ended by itself with status 3"},
		"Django is never ready":            {[]string{"DEMO_TEST_DJANGO=silent", "DEMO_START_SECONDS=1"}, "django did not answer within 1s"},
		"Go does not end":                  {[]string{"DEMO_TEST_GO=stubborn", "DEMO_STOP_SECONDS=1"}, "go did not end within 1s and was killed"},
		"Django fails at the end":          {[]string{"DEMO_TEST_DJANGO=fail at the end"}, "django ended with status 4"},
		"Go does not end after a bad step": {[]string{"DEMO_TEST_GO=stubborn", "DEMO_STOP_SECONDS=1", "DEMO_TEST_WALK=exit 1"}, "was killed"},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := demo(t, "--check") // before another test forks, whose child would hold the files open for writing
			t.Parallel()
			cmd.Env = append(cmd.Env, c.env...)
			out, err := cmd.CombinedOutput()
			good := strings.HasSuffix(string(out), "demo: every step held, and all programs ended when asked to\n")
			if held := len(c.env) == 0; (err == nil) != held || good != held || !strings.Contains(string(out), c.want) {
				t.Errorf("%v, want %q in\n%s", err, c.want, out)
			}
		})
	}
}

// serve starts a demo and returns where it serves, once it says so.
func serve(t *testing.T, env ...string) (cmd *exec.Cmd, address string) {
	t.Helper()
	cmd = demo(t)
	cmd.Env = append(cmd.Env, env...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var printed []byte
	for buffer := make([]byte, 1024); !bytes.Contains(printed, []byte("Ctrl-C")); {
		n, err := out.Read(buffer)
		if printed = append(printed, buffer[:n]...); err != nil {
			t.Fatalf("%v\n%s", err, printed)
		}
	}
	found := regexp.MustCompile(`Cart +http://(127\.0\.0\.1:\d+)/cart/`).FindSubmatch(printed)
	if found == nil {
		t.Fatalf("it serves at %s", printed)
	}
	return cmd, string(found[1])
}

// firstPort is where the demo looks for a port: below those that the system hands out, and
// elsewhere in each run of the tests.
var firstPort = 10000 + os.Getpid()*10%9000

// TestDemoServes: the demo serves on the next free port until it is asked to end.
func TestDemoServes(t *testing.T) {
	first := fmt.Sprintf("127.0.0.1:%d", firstPort)
	if taken, err := net.Listen("tcp", first); err == nil {
		defer taken.Close()
	} // else it is taken already
	cmd, address := serve(t, fmt.Sprintf("DEMO_PORT=%d", firstPort),
		"PYTHONHOME=/elsewhere", "DJANGO_SECRET_KEY=elsewhere", "DJANGO_SETTINGS_MODULE=elsewhere", "SHOP_DATABASE=/elsewhere", "KEPT=yes")
	if address == first {
		t.Fatalf("it serves at %s", address)
	}
	if conn, err := net.Dial("tcp", address); err != nil {
		t.Error(err)
	} else {
		conn.Close()
	}
	environment, err := os.ReadFile(filepath.Join(cmd.Dir, "environment"))
	if err != nil || bytes.Contains(environment, []byte("elsewhere")) || !bytes.Contains(environment, []byte("KEPT=yes\n")) || !bytes.Contains(environment, []byte("DJANGO_VERSION=6.1\n")) {
		t.Errorf("the environment of Django is, %v,\n%s", err, environment)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("asked to end: %v", err)
	}
	if res, err := http.Get("http://" + address); err == nil {
		res.Body.Close()
		t.Error("Go still runs")
	}
}

// TestDemoKilled: Django and the Go service end with a demo that is killed.
func TestDemoKilled(t *testing.T) {
	needs(t, "setpriv")
	if err := exec.CommandContext(t.Context(), "setpriv", "--pdeathsig", "TERM", "true").Run(); err != nil {
		t.Skip("this setpriv has no --pdeathsig")
	}
	cmd, address := serve(t, fmt.Sprintf("DEMO_PORT=%d", firstPort+5))
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			return
		}
		conn.Close()
		if time.Now().After(deadline) {
			t.Fatal("the Go service still runs")
		}
	}
}

// TestDemoEnds: the demo ends if one of its programs does.
func TestDemoEnds(t *testing.T) {
	cmd, address := serve(t, fmt.Sprintf("DEMO_PORT=%d", firstPort+7), "DEMO_TEST_GO=end when written to")
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Error("it succeeds")
	}
}
