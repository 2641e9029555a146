package browser

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/djsession/djsession/internal/testenv"
)

// The user whom prepare.py makes.
const (
	username = "demo"
	password = "demo-shop"
)

// shop is Django and the Go service in front of it, with a database of their own.
type shop struct {
	url string // without a slash at the end
}

// parts are what all shops are started from: made once, and removed by TestMain.
type parts struct {
	python, version string // Django's
	binary          string // of the Go service
	database        string // with the tables and the user
}

var (
	partsDir  string // removed by TestMain
	makeParts = sync.OnceValues(func() (parts, error) {
		root, err := testenv.ModuleRoot()
		if err != nil {
			return parts{}, err
		}
		p := parts{binary: filepath.Join(partsDir, "cart"), database: filepath.Join(partsDir, "shop.sqlite3")}
		djangos, err := testenv.ReadDjangos()
		if err != nil {
			return p, err
		}
		for _, d := range djangos {
			if d.Missing == "" {
				p.python, p.version = d.Python, d.Version // the newest is the last
			}
		}
		build := exec.Command("go", "build", "-o", p.binary, "./examples/cart")
		build.Dir = root
		if out, err := build.CombinedOutput(); err != nil {
			return p, errors.Join(err, errors.New(string(out)))
		}
		prepare := exec.Command(p.python, "shop/prepare.py", username, password)
		prepare.Dir = filepath.Join(root, "examples/cart")
		prepare.Env = environment("SHOP_DATABASE=" + p.database)
		if out, err := prepare.CombinedOutput(); err != nil {
			return p, errors.Join(err, errors.New(string(out)))
		}
		return p, nil
	})
)

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "djsession-browser-")
	if err != nil {
		panic(err)
	}
	partsDir = dir
	status := m.Run()
	os.RemoveAll(dir)
	os.Exit(status)
}

// environment is this process's, without what is set for other Pythons and shops.
func environment(more ...string) (env []string) {
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "PYTHON") && !strings.HasPrefix(variable, "DJANGO_") && !strings.HasPrefix(variable, "SHOP_") {
			env = append(env, variable)
		}
	}
	return append(append(env, "PYTHONUNBUFFERED=1", "PYTHONDONTWRITEBYTECODE=1", "DJANGO_COLORS=nocolor"), more...)
}

// openShop starts a shop with these settings on free ports. It closes when the test ends.
func openShop(t *testing.T, settings ...string) *shop {
	t.Helper()
	// Without one of them the test is skipped, before anything is built.
	testenv.Chromium(t)
	testenv.NewestDjango(t)
	p, err := makeParts()
	if err != nil {
		t.Fatal(err)
	}
	made, err := os.ReadFile(p.database)
	if err != nil {
		t.Fatal(err)
	}
	database := filepath.Join(t.TempDir(), "shop.sqlite3")
	if err := os.WriteFile(database, made, 0o600); err != nil {
		t.Fatal(err)
	}
	settings = append(settings, "SHOP_DATABASE="+database, "DJANGO_VERSION="+p.version, "DJANGO_SECRET_KEY=the tests' key")
	root, err := testenv.ModuleRoot()
	if err != nil {
		t.Fatal(err)
	}
	django := exec.Command(p.python, "manage.py", "runserver", "--noreload", "--insecure", "127.0.0.1:0")
	django.Dir, django.Env = filepath.Join(root, "examples/cart/shop"), environment(settings...)
	upstream := testenv.Start(t, django, regexp.MustCompile(`server at (http://127\.0\.0\.1:[1-9]\d*)/`))[1]

	front := exec.Command(p.binary, "-addr", "127.0.0.1:0", "-django", upstream)
	front.Env = environment(settings...)
	url := testenv.Start(t, front, regexp.MustCompile(`listening url=(http://127\.0\.0\.1:\d+)/`))[1]
	return &shop{url}
}
