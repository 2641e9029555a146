package managepy

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// ErrNoPython reports that no Python with Django was found.
var ErrNoPython = errors.New("managepy: no Python in which Django can be imported")

// probeTimeout bounds how long one Python may take to import Django.
const probeTimeout = time.Minute

// FindPython returns the path of the first Python in which Django can be imported: that of
// a virtual environment .venv, venv or env in dir or one directory above, the one that
// VIRTUAL_ENV names, then python and python3 on PATH. Otherwise the error wraps
// [ErrNoPython] and lists what was tried.
func FindPython(ctx context.Context, dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	var tried strings.Builder
	for _, python := range candidates(dir) {
		path, err := exec.LookPath(python)
		if err == nil {
			err = importsDjango(ctx, path, dir)
		}
		if err == nil {
			return path, nil
		}
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		fmt.Fprintf(&tried, "\n  %s: %s", python, reason(err))
	}
	return "", fmt.Errorf("%w: install Django in the site's virtual environment, or name its interpreter; tried:%s", ErrNoPython, tried.String())
}

// candidates returns the Pythons that may be the project's in dir, likeliest first.
func candidates(dir string) []string {
	inside := filepath.Join("bin", "python")
	if runtime.GOOS == "windows" {
		inside = filepath.Join("Scripts", "python.exe")
	}
	var pythons []string
	for _, parent := range []string{dir, filepath.Dir(dir)} {
		for _, name := range []string{".venv", "venv", "env"} {
			pythons = append(pythons, filepath.Join(parent, name, inside))
		}
	}
	if active := os.Getenv("VIRTUAL_ENV"); active != "" {
		pythons = append(pythons, filepath.Join(active, inside))
	}
	return append(pythons, "python", "python3")
}

// errNoDjango: the Python runs and lacks Django.
var errNoDjango = errors.New("has no Django")

func importsDjango(ctx context.Context, python, dir string) error {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, python, "-c", "import sys\ntry:\n    import django\nexcept ImportError:\n    sys.exit(3)")
	cmd.Dir = dir
	cmd.WaitDelay = closeGrace
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.ExitCode() == 3 {
		return errNoDjango
	}
	return err
}

// reason says in a word why a Python will not do.
func reason(err error) string {
	switch {
	case errors.Is(err, os.ErrNotExist), errors.Is(err, exec.ErrNotFound):
		return "does not exist"
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Sprintf("did not answer within %v", probeTimeout)
	}
	return err.Error()
}
