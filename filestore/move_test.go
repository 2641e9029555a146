package filestore

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/filelock"
	"github.com/djsession/djsession/serializer"
)

// TestDjangoMeanwhile: what a Django does after the file was compared, and before it is replaced, is
// noticed: Save then sees a conflict or a session that is gone, and a move leaves no copy.
func TestDjangoMeanwhile(t *testing.T) {
	old, moved := strings.Repeat("a", 32), strings.Repeat("b", 32)
	for name, theirs := range map[string]func(path string) error{
		"saves": func(path string) error {
			return errors.Join(os.WriteFile(path+"_out_", []byte("theirs"), 0o600), os.Rename(path+"_out_", path))
		},
		"logs out": os.Remove,
	} {
		for _, key := range []string{old, moved} {
			settings := django.DefaultSettings()
			settings.SecretKey, settings.SessionEngine = "the-secret-of-the-site", django.EngineFile
			dir := t.TempDir()
			ss, err := django.New(settings, New(dir))
			if err != nil {
				t.Fatal(err)
			}
			s := ss.Store().(*Store)
			write := django.Write{Key: old, Data: new(serializer.Dict), Expires: time.Now().Add(time.Hour), Age: time.Hour}
			rec, err := s.Create(t.Context(), write)
			if err != nil {
				t.Fatal(err)
			}
			write.Key = key
			err = s.locked(t.Context(), old, func(f *filelock.File) error {
				if err := theirs(s.path(old)); err != nil {
					t.Fatal(err)
				}
				_, err := s.swap(t.Context(), f, rec, write, "ours")
				if !errors.Is(err, filelock.ErrChanged) {
					t.Errorf("%s: %v, want ErrChanged", name, err)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(s.path(moved)); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s: the moved copy is left: %v", name, err)
			}
			want := map[string]error{"saves": django.ErrConflict, "logs out": django.ErrNotFound}[name]
			if _, err := s.Save(t.Context(), rec, write); !errors.Is(err, want) {
				t.Errorf("%s: Save: %v, want %v", name, err, want)
			}
			if names, err := filepath.Glob(filepath.Join(dir, ".djsession*")); err != nil || len(names) > 0 {
				t.Errorf("%s: %d temporary files are left, %v", name, len(names), err)
			}
		}
	}
}

// TestDirectory: the directory is the argument, SESSION_FILE_PATH, or the first of TMPDIR, TEMP and TMP
// that takes a file.
func TestDirectory(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", filepath.Join(temp, "missing"))
	t.Setenv("TEMP", "")
	t.Setenv("TMP", temp)
	for _, c := range []struct{ argument, setting, want string }{{"/a", "/b", "/a"}, {"", "/b", "/b"}, {"", "", temp}} {
		settings := django.DefaultSettings()
		settings.SecretKey, settings.SessionEngine, settings.SessionFilePath = "the-secret-of-the-site", django.EngineFile, c.setting
		ss, err := django.New(settings, New(c.argument))
		if err != nil {
			t.Fatal(err)
		}
		if got := ss.Store().(*Store).dir; got != c.want {
			t.Errorf("New(%q) with SESSION_FILE_PATH %q: %q, want %q", c.argument, c.setting, got, c.want)
		}
	}
	settings := django.DefaultSettings()
	settings.SecretKey = "the-secret-of-the-site"
	if _, err := django.New(settings, New("")); err == nil {
		t.Error("the engine serves the database engine's sessions")
	}
}
