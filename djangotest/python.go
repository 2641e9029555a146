package djangotest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/djsession/djsession/internal/filelock"
	"github.com/djsession/djsession/internal/managepy"
)

// installTimeout bounds how long making a virtual environment may take.
const installTimeout = 10 * time.Minute

// cachedPython returns the Python of the virtual environment with the newest Django, which
// it makes unless an earlier run has. It tries once in a process.
var cachedPython = sync.OnceValues(func() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), installTimeout)
	defer cancel()
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return installDjango(ctx, filepath.Join(cache, "djsession", "djangotest"))
})

// installDjango makes the virtual environment in a directory, while other processes wait.
// The error wraps [managepy.ErrNoPython] if this machine cannot make it.
func installDjango(ctx context.Context, dir string) (string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	unlock, err := filelock.Lock(ctx, filepath.Join(dir, "lock"))
	if err != nil {
		return "", err
	}
	defer unlock()

	venv := filepath.Join(dir, "venv")
	python := filepath.Join(venv, "bin", "python")
	if runtime.GOOS == "windows" {
		python = filepath.Join(venv, "Scripts", "python.exe")
	}
	complete := filepath.Join(venv, "complete") // there once all is installed
	if _, err := os.Stat(complete); err == nil && run(ctx, python, "-c", "import django") == nil {
		return python, nil
	}
	if err := os.RemoveAll(venv); err != nil {
		return "", err
	}
	base, err := exec.LookPath("python3")
	if err != nil {
		base, err = exec.LookPath("python")
	}
	if err != nil {
		return "", fmt.Errorf("%w, and neither python3 nor python on PATH to install it for", managepy.ErrNoPython)
	}
	err = run(ctx, base, "-m", "venv", venv)
	if err == nil {
		err = run(ctx, python, "-m", "pip", "--no-input", "--disable-pip-version-check", "install", "--quiet", "Django")
	}
	if err != nil {
		return "", fmt.Errorf("%w, and it could not be installed in %s: %w", managepy.ErrNoPython, venv, errors.Join(err, os.RemoveAll(venv)))
	}
	return python, os.WriteFile(complete, nil, 0o600)
}
