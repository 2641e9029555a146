package djangotest

import (
	"context"
	"testing"
)

// Compare returns the text with which RequireDjangoSees fails, or "".
func (p *Project) Compare(t testing.TB, key, name string, want any) string {
	t.Helper()
	return p.compare(t, p.Session(t, key), name, want)
}

// InstallDjango makes the virtual environment of sites in a directory.
func InstallDjango(ctx context.Context, dir string) (python string, err error) {
	return installDjango(ctx, dir)
}
