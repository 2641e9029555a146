package filestore

import (
	"cmp"
	"math"
	"os"
	"runtime"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/engines"
)

// Engine opens a store in a directory; hand it to django.New.
type Engine struct{ dir string }

// New returns the engine for SESSION_ENGINE = "django.contrib.sessions.backends.file". dir is the
// directory as this service sees it; empty means Settings.SessionFilePath, or, if that is empty
// too, the directory that Python's tempfile.gettempdir finds. It must exist when a session
// is loaded.
//
// Two sites can share a directory if neither SESSION_COOKIE_NAME begins with the other.
func New(dir string) *Engine { return &Engine{dir} }

// Serves implements django.Engine: the file engine, and a site's own subclasses of it.
func (e *Engine) Serves(sessionEngine string) bool {
	return engines.Serves("filestore.New", sessionEngine)
}

// Open implements django.Engine. It does not look for the directory.
func (e *Engine) Open(site django.Site) (django.Store, error) {
	dir := cmp.Or(e.dir, site.Settings.SessionFilePath)
	if dir == "" {
		dir = tempDir()
	}
	s := &Store{dir: dir, prefix: site.Settings.SessionCookieName, codec: site.Codec}
	s.largest = 2*min(s.codec.MaxInflated(), math.MaxInt/4) + 1024
	return s, nil
}

// tempDir is Python's tempfile.gettempdir: the first directory that takes a file.
func tempDir() string {
	dirs := []string{os.Getenv("TMPDIR"), os.Getenv("TEMP"), os.Getenv("TMP")}
	if runtime.GOOS != "windows" {
		dirs = append(dirs, "/tmp", "/var/tmp", "/usr/tmp")
	}
	for _, dir := range dirs {
		if dir != "" && writable(dir) == nil {
			return dir
		}
	}
	return os.TempDir()
}
