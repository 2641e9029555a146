package filestore_test

import (
	"fmt"
	"os"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/filestore"
)

// The sessions of a site with SESSION_ENGINE = "django.contrib.sessions.backends.file".
func ExampleNew() {
	dir, err := os.MkdirTemp("", "sessions") // in place of SESSION_FILE_PATH
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	settings := django.DefaultSettings()
	settings.SecretKey = "the SECRET_KEY of the site"
	settings.SessionEngine = django.EngineFile
	settings.SessionFilePath = dir
	sessions, err := django.New(settings, filestore.New(""))
	fmt.Println(sessions, err)
	// Output: django sessions <nil>
}
