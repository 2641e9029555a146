package requests

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/djsession/djsession/bench/measure"
	"github.com/djsession/djsession/internal/testenv"
)

//go:embed site
var siteFiles embed.FS

// python is the Python of the benchmarks' Django, with what is in the requirements.
type python struct {
	program string
	dir     string // of the site's files
}

// setUp makes the virtual environment in .cache/bench, unless it is there.
func setUp(ctx context.Context, env *measure.Env) (*python, error) {
	requirements, err := siteFiles.ReadFile("site/requirements.txt")
	if err != nil {
		return nil, err
	}
	packages := append(strings.Fields(string(requirements)), "Django=="+env.Django.Version)
	for _, one := range packages {
		name, version, _ := strings.Cut(one, "==")
		name, _, _ = strings.Cut(name, "[")
		env.Versions[name] = version
	}
	digest := sha256.Sum256([]byte(env.Django.Python + " " + strings.Join(packages, " ")))
	root, err := testenv.ModuleRoot()
	if err != nil {
		return nil, err
	}
	p := &python{dir: filepath.Join(env.Dir, "site")}
	if err := os.CopyFS(env.Dir, siteFiles); err != nil {
		return nil, err
	}
	venv := filepath.Join(root, ".cache", "bench", "venv-"+hex.EncodeToString(digest[:6]))
	p.program = filepath.Join(venv, "bin", "python")
	ready := filepath.Join(venv, "ready")
	if _, err := os.Stat(ready); err == nil {
		return p, nil
	}
	env.Log("installing %s", strings.Join(packages, " "))
	if err := os.RemoveAll(venv); err != nil {
		return nil, err
	}
	for _, argv := range [][]string{
		{env.Django.Python, "-m", "venv", venv},
		append([]string{p.program, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"}, packages...),
	} {
		if out, err := exec.CommandContext(ctx, argv[0], argv[1:]...).CombinedOutput(); err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w\n%s", strings.Join(argv, " "), err, out), os.RemoveAll(venv))
		}
	}
	return p, os.WriteFile(ready, nil, 0o600)
}

func (p *python) command(ctx context.Context, siteFile string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, p.program, args...)
	cmd.Dir = p.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + p.dir, "LC_ALL=C.UTF-8", "BENCH_SITE=" + siteFile}
	return cmd
}

// session is a session that Django has made.
type session struct {
	Key      string `json:"key"`
	Visits   int    `json:"visits"`
	Username string `json:"username"`
}

// fill makes the tables, and sessions with logins and carts.
func (p *python) fill(ctx context.Context, siteFile string, n int) (sessions []session, err error) {
	err = p.manage(ctx, siteFile, nil, &sessions, "fill", fmt.Sprint(n))
	return sessions, err
}

// check returns an error unless Django reads the numbers of visits in the sessions.
func (p *python) check(ctx context.Context, siteFile string, sessions []session) error {
	var keys []string
	for _, s := range sessions {
		keys = append(keys, s.Key)
	}
	var visits []int
	if err := p.manage(ctx, siteFile, keys, &visits, "check"); err != nil {
		return err
	}
	for i, s := range sessions {
		if visits[i] != s.Visits {
			return fmt.Errorf("check: Django reads %d visits in a session that had %d", visits[i], s.Visits)
		}
	}
	return nil
}

func (p *python) manage(ctx context.Context, siteFile string, input, result any, args ...string) error {
	cmd := p.command(ctx, siteFile, append([]string{"manage.py"}, args...)...)
	text, err := json.Marshal(input)
	if err != nil {
		return err
	}
	var stderr bytes.Buffer
	cmd.Stdin, cmd.Stderr = bytes.NewReader(text), &stderr
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("manage.py %s: %w\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return json.Unmarshal(out, result)
}
