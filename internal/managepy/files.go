package managepy

import "embed"

//go:embed python/*.py
var files embed.FS

// modules are the files in python, in the order in which they run: those that another one
// imports come first.
var modules = []string{"worker", "sessions", "logins", "settings", "throwaway", "doctor"}

// program returns the text for manage.py shell -c, and the first line for its stdin.
func program() (bootstrap string, hello map[string]any, err error) {
	read := func(name string) string {
		text, readErr := files.ReadFile("python/" + name + ".py")
		if readErr != nil {
			err = readErr
		}
		return string(text)
	}
	sources := make([][2]string, len(modules))
	for i, name := range modules {
		sources[i] = [2]string{name, read(name)}
	}
	return read("bootstrap"), map[string]any{"files": sources}, err
}
