package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/djsession/djsession/internal/engines"
)

// engineNames are the values of --engine: the last parts of what SESSION_ENGINE names.
var engineNames = []string{"db", "cached_db", "cache", "file", "signed_cookies"}

const enginesModule = "django.contrib.sessions.backends."

// engine returns the session engine, as one of engineNames.
func (in inputs) engine() (string, error) {
	name, ok := in.get("engine")
	if !ok {
		name = "db"
	}
	if base := in.getenv("DJANGO_SESSION_ENGINE_BASE"); base != "" && !in.flagGiven("engine") && strings.Contains(name, ".") {
		name = base // which djsession settings --format env wrote for a subclass
	}
	name = shortEngine(name)
	if !slices.Contains(engineNames, name) {
		return "", fmt.Errorf("%s is one of %s and %s", where("engine"), strings.Join(engineNames[:len(engineNames)-1], ", "), engineNames[len(engineNames)-1])
	}
	return name, in.checkEngineFlags(name)
}

// engineFlags are the flags that some engines use and the others do not.
var engineFlags = []struct {
	flags, engines []string
}{
	{[]string{"cache-url", "cache-key-prefix", "cache-version", "cache-serializer", "cache-compressor"}, []string{"cache", "cached_db"}},
	{[]string{"table", "session-model", "key-length"}, []string{"db", "cached_db"}},
	{[]string{"session-file-path"}, []string{"file"}},
}

// checkEngineFlags returns an error for a flag that the engine does not use: the command
// would work on other sessions than the ones that were meant. Variables are ignored.
func (in inputs) checkEngineFlags(engine string) error {
	for _, group := range engineFlags {
		if slices.Contains(group.engines, engine) {
			continue
		}
		for _, flag := range group.flags {
			if in.flagGiven(flag) {
				name := settingOf(flag).flag
				if in.target {
					name = settingOf(flag).ofTarget().flag
				}
				return fmt.Errorf("--%s is for the engine %s, not for %s; set %s, or remove the flag", name, strings.Join(group.engines, " or "), engine, where("engine"))
			}
		}
	}
	return nil
}

// needsKey reports whether a command has to know the site's SECRET_KEY: a cache holds
// sessions unsigned, and deleting a row needs none.
func needsKey(in inputs, engine string) bool {
	switch {
	case in.cmd.Name() == "clearsessions":
		return engine == "file" // the expiry is in the signed data
	case engine == "cache":
		return uses(in.cmd, "authentication-backends") // a login's hash has a key
	}
	return uses(in.cmd, "secret-key")
}

// shortEngine returns the last part of one of Django's engines, also for one of those in python/
// that replace them. Any other SESSION_ENGINE is returned as it is.
func shortEngine(sessionEngine string) string {
	return strings.TrimPrefix(engines.Django(sessionEngine), enginesModule)
}

// djangoEngine returns what SESSION_ENGINE is for an engine.
func djangoEngine(name string) string { return enginesModule + name }
