package testenv

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// witness is a test that notes how it was ended, instead of ending.
type witness struct {
	testing.TB
	skipped, failed string
}

func (w *witness) Helper() {}

func (w *witness) Skip(args ...any) {
	w.skipped = fmt.Sprint(args...)
	runtime.Goexit()
}

func (w *witness) Fatalf(format string, args ...any) {
	w.failed = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// watch runs a function as a test would.
func watch(function func(testing.TB)) *witness {
	w := &witness{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		function(w)
	}()
	<-done
	return w
}

func TestWhatIsMissingSkipsUnlessItIsRequired(t *testing.T) {
	noServer := fmt.Errorf("%w: the program postgres", ErrMissing)
	noDjango := Django{Name: "2.2", Version: "2.2.28", Missing: "no Python 3.8"}
	tests := []struct {
		required             string
		serverFails, oneFail bool
	}{
		{"", false, false},
		{"servers", true, false},
		{"all", true, true},
	}
	for _, test := range tests {
		t.Run("required="+test.required, func(t *testing.T) {
			t.Setenv(RequireVariable, test.required)
			for _, subject := range []struct {
				name  string
				act   func(testing.TB)
				fails bool
			}{
				{"a server", func(t testing.TB) { serve(t, nil, noServer) }, test.serverFails},
				{"one Django", func(t testing.TB) { noDjango.Start(t, Config{}) }, test.oneFail},
				{"the tests of a Django that is missing", func(t testing.TB) { noDjango.OwnTests(t) }, test.oneFail},
				{"the tests of a Django", func(t testing.TB) { Django{Name: "5.2"}.OwnTests(t) }, test.serverFails},
			} {
				w := watch(subject.act)
				if (w.failed != "") != subject.fails || (w.skipped != "") == subject.fails {
					t.Errorf("%s: skipped %q, failed %q", subject.name, w.skipped, w.failed)
				}
			}
		})
	}
}

func TestNoDjangoAtAll(t *testing.T) {
	root, err := ModuleRoot()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, "compat_test", "djangos.json")); err != nil {
		t.Fatal(err)
	}
	stale := filepath.Join(t.TempDir(), "djangos.json")
	if err := os.WriteFile(stale, []byte(`{"pins":"other","djangos":[]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		filepath.Join(t.TempDir(), "absent.json"): "tools/setup sets it up",
		stale: "run tools/setup again",
	} {
		t.Setenv(DjangosVariable, path)
		t.Setenv(RequireVariable, "")
		if w := watch(func(t testing.TB) { Djangos(t) }); !strings.Contains(w.skipped, want) {
			t.Errorf("skipped with %q, want %q in it", w.skipped, want)
		}
		t.Setenv(RequireVariable, "servers")
		if w := watch(func(t testing.TB) { Djangos(t) }); !strings.Contains(w.failed, want) {
			t.Errorf("failed with %q, want %q in it", w.failed, want)
		}
	}
}

func TestProgramThatIsNotThere(t *testing.T) {
	if _, err := program("djsession-no-such-program"); !errors.Is(err, ErrMissing) {
		t.Errorf("got %v, want ErrMissing", err)
	}
}

func TestDatabaseNamesAreChecked(t *testing.T) {
	s := &Server{Vendor: PostgreSQLVendor}
	for _, name := range []string{"", "1a", "a b", "a;DROP", "A", strings.Repeat("a", 61)} {
		if _, err := s.CreateDatabase(t.Context(), name); err == nil {
			t.Errorf("%q was accepted", name)
		}
	}
}

func TestAtLeast(t *testing.T) {
	d := Django{Name: "4.2"}
	if !d.AtLeast(4, 2) || !d.AtLeast(3, 9) || d.AtLeast(4, 10) || d.AtLeast(5, 0) {
		t.Error("4.2 is compared wrongly")
	}
}
