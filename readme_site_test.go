package djsession

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// TestReadmeCommands follows the README in an empty directory beside a project that
// Django has just made: it runs the commands as they are printed there (those for a
// clone), logs in at Django's admin, and opens the Go program's page on the same host.
func TestReadmeCommands(t *testing.T) {
	djangos := []testenv.Django{testenv.NewestDjango(t)}
	if os.Getenv("DJSESSION_MATRIX") == "full" {
		djangos = append(djangos, testenv.Djangos(t)[0])
	}
	for _, d := range djangos {
		t.Run(d.Name, func(t *testing.T) {
			t.Parallel()
			site := newReadmeSite(t, d)
			site.migrate("'ada', ''")
			site.runDjango()
			site.runCommands(readmeProgram(t))
			site.greets("ada")
			site.refusesAWrongKey()
		})
	}
}

// greets has a browser log in at Django and out again; the README's program greets who is
// logged in.
func (s *readmeSite) greets(username string) {
	s.t.Helper()
	b := newReadmeBrowser(s.t)
	b.logIn(s.django, username)
	for visit := 1; visit <= 2; visit++ {
		b.sees(s.visits, fmt.Sprintf("visit %d, logged in as %q\n", visit, username))
	}
	b.post(s.django+"/admin/logout/", b.open(s.django+"/admin/"), nil)
	b.sees(s.visits, "visit 1, logged in as \"\"\n")
}

// TestReadmeSecretKey: the README's file has any SECRET_KEY of settings.py as it is, with the
// oldest and the newest Django.
func TestReadmeSecretKey(t *testing.T) {
	const secret = `a$b"c\'d#(é  e`
	djangos := testenv.Djangos(t)
	command := buildCommand(t)
	for _, d := range []testenv.Django{djangos[0], testenv.NewestDjango(t)} {
		t.Run(d.Name, func(t *testing.T) {
			t.Parallel()
			site := newReadmeSite(t, d)
			site.addPath(filepath.Dir(command))
			site.addSettings(fmt.Sprintf("SECRET_KEY = %q", secret))
			lines, _ := site.commands()
			made := slices.IndexFunc(lines, func(line string) bool { return strings.HasPrefix(line, "djsession settings ") })
			site.run(site.mysite(), "bash", "-e", "-c", lines[made])
			settings, err := django.LoadSettings(filepath.Join(site.mysite(), "djsession.json"))
			if err != nil || settings.SecretKey != secret {
				t.Errorf("%q, %v; want %q", settings.SecretKey, err, secret)
			}
		})
	}
}

// buildCommand builds djsession in a directory of its own.
func buildCommand(t *testing.T) string {
	t.Helper()
	command := filepath.Join(t.TempDir(), "djsession")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", command, "./cmd/djsession").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return command
}

// readmeSite is the directory that holds mysite, visits and the clone.
type readmeSite struct {
	t      *testing.T
	dir    string
	env    []string
	path   string // PATH in env
	django string // URLs
	visits string
}

func newReadmeSite(t *testing.T, d testenv.Django) *readmeSite {
	t.Helper()
	python := d.Executable(t)
	site := &readmeSite{t: t, dir: t.TempDir()}
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "PYTHON") && !strings.HasPrefix(variable, "DJANGO_") && !strings.HasPrefix(variable, "DJSESSION_") {
			site.env = append(site.env, variable)
		}
	}
	site.env = append(site.env, "PYTHONDONTWRITEBYTECODE=1")
	site.path = os.Getenv("PATH")
	site.addPath(filepath.Dir(python))
	site.env = append(site.env, goEnvironment(t, filepath.Join(site.dir, "go"))...)
	clone, err := os.Getwd()
	if err == nil {
		err = os.Symlink(clone, filepath.Join(site.dir, "djsession"))
	}
	if err != nil {
		t.Fatal(err)
	}
	site.run(site.dir, "python", "-m", "django", "startproject", "mysite")
	return site
}

// addPath has the commands find programs in dir first.
func (s *readmeSite) addPath(dir string) {
	s.path = dir + ":" + s.path
	s.env = append(s.env, "PATH="+s.path)
}

// migrate makes the tables, and a superuser of these arguments and a password.
func (s *readmeSite) migrate(superuser string) {
	s.t.Helper()
	s.run(s.mysite(), "python", "manage.py", "migrate", "-v", "0")
	s.run(s.mysite(), "python", "manage.py", "shell", "-c",
		"from django.contrib.auth import get_user_model; get_user_model().objects.create_superuser("+superuser+", 'open sesame')")
}

// addSettings appends lines to settings.py.
func (s *readmeSite) addSettings(lines string) {
	s.t.Helper()
	file, err := os.OpenFile(filepath.Join(s.mysite(), "mysite", "settings.py"), os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = fmt.Fprintf(file, "\n%s\n", lines)
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// addDatabase has the site use a PostgreSQL database.
func (s *readmeSite) addDatabase(db *testenv.Database) {
	s.t.Helper()
	f := db.Django(nil)
	s.addSettings(fmt.Sprintf("DATABASES = {'default': {'ENGINE': %q, 'NAME': %q, 'USER': %q, 'PASSWORD': %q, 'HOST': %q, 'PORT': %q}}",
		f["ENGINE"], f["NAME"], f["USER"], f["PASSWORD"], f["HOST"], f["PORT"]))
}

// goEnvironment has go take its modules from the cache first, where those that this
// module was built with are, so that no network is needed; and install commands in dir. It compiles the
// clone once for all sites, wherever their link to it is, and links without what only debuggers read.
func goEnvironment(t *testing.T, dir string) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", "GOMODCACHE", "GOCACHE", "GOPROXY", "GOFLAGS").Output()
	values := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if err != nil || len(values) != 4 {
		t.Fatalf("go env: %q, %v", out, err)
	}
	return []string{
		"GOPATH=" + dir, "GOFLAGS=" + values[3] + " -trimpath -ldflags=-w", "GOBIN=", "GOMODCACHE=" + values[0], "GOCACHE=" + values[1], "GOWORK=off", "GONOSUMDB=*",
		"GOPROXY=file://" + filepath.ToSlash(filepath.Join(values[0], "cache", "download")) + "," + values[2],
	}
}

func (s *readmeSite) mysite() string { return filepath.Join(s.dir, "mysite") }

func (s *readmeSite) command(dir, name string, args ...string) *exec.Cmd {
	if name == "python" { // by the site's PATH, not by this program's
		name = "bash"
		args = append([]string{"-c", `exec python "$@"`, "python"}, args...)
	}
	cmd := exec.CommandContext(s.t.Context(), name, args...)
	cmd.Dir, cmd.Env = dir, s.env
	return cmd
}

func (s *readmeSite) run(dir, name string, args ...string) {
	s.t.Helper()
	if out, err := s.command(dir, name, args...).CombinedOutput(); err != nil {
		s.t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

// serve starts a server that ends with the test, and waits until it listens.
func (s *readmeSite) serve(cmd *exec.Cmd, address string) {
	s.t.Helper()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	s.t.Cleanup(func() { _ = cmd.Process.Kill(); <-ended })
	listens := make(chan error, 1)
	go func() { listens <- listening(s.t.Context(), address) }()
	select {
	case err := <-listens:
		if err != nil {
			s.t.Fatal(err)
		}
	case <-ended:
		if offline.Match(out.Bytes()) && os.Getenv(testenv.RequireVariable) == "" {
			s.t.Skipf("a Go module could not be downloaded:\n%s", &out)
		}
		s.t.Fatalf("%s ended: %v\n%s", cmd.Path, cmd.ProcessState, &out)
	}
}

// offline matches what go says when it has no network.
var offline = regexp.MustCompile(`dial tcp|no such host|i/o timeout|proxyconnect|module lookup disabled`)

func (s *readmeSite) runDjango() {
	s.t.Helper()
	address := freeAddress(s.t)
	s.django = "http://" + address
	s.serve(s.command(s.mysite(), "python", "manage.py", "runserver", "--noreload", address), address)
}

// commands returns the README's commands as they are, but for the choice that it gives to
// who has a clone, and which of them comes before the program is saved.
func (s *readmeSite) commands() (lines []string, saved int) {
	s.t.Helper()
	saved = -1
	for i, line := range strings.Split(strings.TrimSpace(readmeBlock(s.t, "```sh\n")), "\n") {
		_, comment, _ := strings.Cut(line, " # ")
		if clone, ok := strings.CutPrefix(comment, "from a clone: "); ok {
			line = clone
		}
		if strings.Contains(comment, "save the program above as main.go") {
			saved = i
		}
		lines = append(lines, line)
	}
	if saved < 0 {
		s.t.Fatal("the README does not say when to save main.go")
	}
	return lines, saved
}

// runCommands runs the README's commands with this program, but for the port.
func (s *readmeSite) runCommands(program string) {
	s.t.Helper()
	address := freeAddress(s.t)
	s.visits = "http://" + address + "/visits"
	const port = "127.0.0.1:8001"
	if !strings.Contains(program, port) {
		s.t.Fatalf("the README's program has no %s", port)
	}
	if err := os.WriteFile(filepath.Join(s.dir, "saved.go"), []byte(strings.ReplaceAll(program, port, address)), 0o600); err != nil {
		s.t.Fatal(err)
	}
	lines, saved := s.commands()
	lines = slices.Insert(lines, saved+1, "cp ../saved.go main.go")
	lines[len(lines)-1] = "exec " + lines[len(lines)-1]
	s.serve(s.command(s.dir, "bash", "-e", "-c", strings.Join(lines, "\n")), address)
}

// refusesAWrongKey: with another SECRET_KEY the program ends at once and says why.
func (s *readmeSite) refusesAWrongKey() {
	s.t.Helper()
	cmd := s.command(filepath.Join(s.dir, "visits"), "./visits")
	cmd.Env = append(cmd.Env, "DJANGO_SECRET_KEY=another")
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "cannot be read") {
		s.t.Errorf("with a wrong key: %v\n%s", err, out)
	}
}

// listening waits until somebody listens at address, which on a busy machine is after minutes
// of compiling.
func listening(ctx context.Context, address string) error {
	for {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/nothing", nil)
		if err != nil {
			return err
		}
		res, err := http.DefaultTransport.RoundTrip(r)
		if err == nil {
			return res.Body.Close()
		}
		if ctx.Err() != nil {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
}
