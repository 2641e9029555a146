package django

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/djsession/djsession/internal/textfile"
)

// SettingsVariable is the environment variable that names the settings file, for
// [LoadSettings] and the command djsession.
const SettingsVariable = "DJSESSION_SETTINGS"

// LoadSettings returns the settings of a Django site from the file that the command
// `djsession settings` wrote, and from the environment. With an empty name it takes the file
// that DJSESSION_SETTINGS names, and if that is unset only the environment.
//
// For every setting NAME in the file, the variable DJANGO_NAME overrides it (DJANGO_SECRET_KEY,
// DJANGO_SESSION_COOKIE_AGE; DJANGO_VERSION for the version): text as it is; True or False; a
// number; a list as JSON or separated by commas, names such as those of hosts also by blanks;
// anything else as JSON. An empty variable counts as unset; "" with the quotes is empty text.
// Settings in neither have the defaults of [DefaultSettings].
//
// It validates the settings. Its errors name the setting, or the line of the file, and never
// quote a value. A setting that this version does not know is an error: it could matter.
func LoadSettings(name string) (Settings, error) {
	if name == "" {
		name = os.Getenv(SettingsVariable)
	}
	s := DefaultSettings()
	if name != "" {
		content, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			return Settings{}, fmt.Errorf("django: settings file %q does not exist: make it with djsession settings --manage path/to/manage.py --output %[1]s", name)
		}
		if err != nil {
			return Settings{}, fmt.Errorf("django: settings file: %w", err)
		}
		if s, err = ParseSettings(content); err != nil {
			return Settings{}, fmt.Errorf("%q: %w", name, err)
		}
	}
	for _, f := range settingFields {
		value := os.Getenv(f.variable())
		if value == "" {
			continue
		}
		if f.name == "SESSION_ENGINE" {
			s.SessionEngineBase = "" // of the engine in the file
		}
		if err := setFromText(f.at(&s), value); err != nil {
			return Settings{}, fmt.Errorf("django: environment variable %s: %w", f.variable(), err)
		}
	}
	if err := s.Validate(); err != nil {
		return Settings{}, err
	}
	return s, nil
}

// ParseSettings returns the settings in the content of a settings file, without the environment,
// and with the defaults of [DefaultSettings] for those that it does not have. It does not
// validate them: [New] does.
func ParseSettings(content []byte) (Settings, error) {
	s := DefaultSettings()
	if err := s.parse(content); err != nil {
		return Settings{}, fmt.Errorf("django: settings file: %w", err)
	}
	return s, nil
}

// settingsFormat is the version of the file that this package reads.
const settingsFormat = 1

func (s *Settings) parse(content []byte) error {
	content, err := textfile.UTF8(content)
	if err != nil {
		return fmt.Errorf("%w: make the file again", err)
	}
	var values map[string]json.RawMessage
	if err := json.Unmarshal(content, &values); err != nil {
		return fmt.Errorf("line %d: the JSON is damaged or cut off: make the file again", jsonErrorLine(content, err))
	}
	var format int
	if err := json.Unmarshal(values["DJSESSION_SETTINGS"], &format); err != nil || format < 1 {
		return errors.New("it is not a settings file of djsession, which begins with DJSESSION_SETTINGS: make it with djsession settings")
	}
	if format > settingsFormat {
		return fmt.Errorf("its format is %d, and this version reads %d: update djsession", format, settingsFormat)
	}
	delete(values, "DJSESSION_SETTINGS")
	delete(values, "OMITTED")
	for _, f := range settingFields {
		value, ok := values[f.name]
		if !ok {
			continue
		}
		delete(values, f.name)
		if err := setFromJSON(f.at(s), value); err != nil {
			return fmt.Errorf("setting %s %w", f.name, err)
		}
	}
	for name := range values {
		return fmt.Errorf("setting %s is not known: correct its name, or update djsession if a newer version made the file", name)
	}
	return nil
}

// jsonErrorLine returns the line of a JSON error.
func jsonErrorLine(content []byte, err error) int {
	offset := int64(0)
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		offset = syntax.Offset
	} else if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		offset = wrong.Offset
	}
	return 1 + bytes.Count(content[:min(int(offset), len(content))], []byte("\n"))
}
