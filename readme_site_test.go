package djsession

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/internal/testenv"
)

// TestReadmeCommands follows the README in an empty directory beside a project that
// Django has just made: it runs the commands as they are printed there (those for a
// clone), logs in at Django's admin, and opens the Go program's page on the same host.
func TestReadmeCommands(t *testing.T) {
	djangos := testenv.Djangos(t)
	for _, d := range []testenv.Django{djangos[0], testenv.NewestDjango(t)} {
		t.Run(d.Name, func(t *testing.T) {
			t.Parallel()
			site := newReadmeSite(t, d)
			site.migrate()
			site.runDjango()
			site.runCommands()
			b := newReadmeBrowser(t)
			b.logIn(site.django)
			for visit := 1; visit <= 2; visit++ {
				b.sees(site.visits, fmt.Sprintf("visit %d, logged in as \"ada\"\n", visit))
			}
			b.post(site.django+"/admin/logout/", b.open(site.django+"/admin/"), nil)
			b.sees(site.visits, "visit 1, logged in as \"\"\n")
			site.refusesAWrongKey()
		})
	}
}

// TestReadmeSecretKey: the README's line takes any SECRET_KEY out of settings.py as it
// is, with every Django.
func TestReadmeSecretKey(t *testing.T) {
	const export = "export DJANGO_SECRET_KEY="
	var line string
	for _, l := range readmeCommands(t) {
		if strings.HasPrefix(l, export) {
			line = l
		}
	}
	const secret = `a$b"c\'d#(é  e`
	for _, d := range testenv.Djangos(t) {
		t.Run(d.Name, func(t *testing.T) {
			t.Parallel()
			site := newReadmeSite(t, d)
			settings, err := os.OpenFile(filepath.Join(site.mysite(), "mysite", "settings.py"), os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer settings.Close()
			if _, err := fmt.Fprintf(settings, "\nSECRET_KEY = %q\n", secret); err != nil {
				t.Fatal(err)
			}
			out, err := site.command(site.mysite(), "bash", "-e", "-c", line+"\nprintf %s \"$DJANGO_SECRET_KEY\"").Output()
			if err != nil || string(out) != secret {
				t.Errorf("%q, %v; want %q", out, err, secret)
			}
		})
	}
}

// readmeCommands returns the lines of the README's first block of commands.
func readmeCommands(t *testing.T) []string {
	t.Helper()
	return strings.Split(strings.TrimSpace(readmeBlock(t, "```sh\n")), "\n")
}

// readmeSite is the directory that holds mysite, visits and the clone.
type readmeSite struct {
	t        *testing.T
	version  string // Django's
	dir      string
	env      []string
	django   string // URLs
	visits   string
	compiled string // the program
}

func newReadmeSite(t *testing.T, d testenv.Django) *readmeSite {
	t.Helper()
	python := d.Executable(t)
	site := &readmeSite{t: t, version: d.Name, dir: t.TempDir()}
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "PYTHON") && !strings.HasPrefix(variable, "DJANGO_") {
			site.env = append(site.env, variable)
		}
	}
	site.env = append(site.env, "PATH="+filepath.Dir(python)+":"+os.Getenv("PATH"), "PYTHONDONTWRITEBYTECODE=1", "GOWORK=off")
	site.env = append(site.env, cachedModules(t)...)
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

// migrate makes the tables, and a superuser.
func (s *readmeSite) migrate() {
	s.t.Helper()
	s.run(s.mysite(), "python", "manage.py", "migrate", "-v", "0")
	s.run(s.mysite(), "python", "manage.py", "shell", "-c",
		"from django.contrib.auth.models import User; User.objects.create_superuser('ada', '', 'open sesame')")
}

// cachedModules has go take its modules from the cache first, where those that this
// module was built with are, so that no network is needed.
func cachedModules(t *testing.T) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", "GOMODCACHE", "GOPROXY").Output()
	cache, proxy, ok := strings.Cut(strings.TrimSpace(string(out)), "\n")
	if err != nil || !ok {
		t.Fatalf("go env: %q, %v", out, err)
	}
	return []string{"GOPROXY=file://" + filepath.ToSlash(filepath.Join(cache, "cache", "download")) + "," + proxy, "GONOSUMDB=*"}
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

// runCommands runs the README's commands as they are, but for the choice that it gives
// to who has a clone, the port, and Django's version.
func (s *readmeSite) runCommands() {
	s.t.Helper()
	address := freeAddress(s.t)
	s.visits = "http://" + address + "/visits"
	s.compiled = filepath.Join(s.dir, "visits", "visits")
	program := readmeProgram(s.t)
	for old, new := range map[string]string{"127.0.0.1:8001": address, `DjangoVersion = "6.1"`: `DjangoVersion = "` + s.version + `"`} {
		if !strings.Contains(program, old) {
			s.t.Fatalf("the README's program has no %s", old)
		}
		program = strings.ReplaceAll(program, old, new)
	}
	saved := filepath.Join(s.dir, "saved.go")
	if err := os.WriteFile(saved, []byte(program), 0o600); err != nil {
		s.t.Fatal(err)
	}
	var script []string
	lines := readmeCommands(s.t)
	for i, line := range lines {
		_, comment, _ := strings.Cut(line, " # ")
		if clone, ok := strings.CutPrefix(comment, "from a clone: "); ok {
			line = clone
		}
		if i == len(lines)-1 {
			line = "exec " + line
		}
		script = append(script, line)
		if strings.Contains(comment, "save the program above as main.go") {
			script = append(script, "cp ../saved.go main.go")
		}
	}
	if len(script) != len(lines)+1 {
		s.t.Fatal("the README does not say when to save main.go")
	}
	s.serve(s.command(s.dir, "bash", "-e", "-c", strings.Join(script, "\n")), address)
}

// refusesAWrongKey: with another SECRET_KEY the program ends at once and says why.
func (s *readmeSite) refusesAWrongKey() {
	s.t.Helper()
	cmd := s.command(s.mysite(), s.compiled)
	cmd.Env = append(cmd.Env, "DJANGO_SECRET_KEY=another")
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "cannot be read") {
		s.t.Errorf("with a wrong key: %v\n%s", err, out)
	}
}

// listening waits until somebody listens at address.
func listening(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
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
