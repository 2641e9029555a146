package django

import "fmt"

// ReadSettings returns the settings in the content of a file that the command `djsession
// settings` wrote, as [LoadSettings] does, without the environment: for a file that is
// embedded in the program.
func ReadSettings(content []byte) (Settings, error) {
	s := DefaultSettings()
	if err := readSettingsFile(&s, content); err != nil {
		return Settings{}, fmt.Errorf("django: settings: %w", err)
	}
	if err := s.Validate(); err != nil {
		return Settings{}, err
	}
	return s, nil
}
