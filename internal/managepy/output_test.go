package managepy

import "testing"

func TestOutputHasNoSecrets(t *testing.T) {
	for line, want := range map[string]string{
		`    SECRET_KEY = 'hidden' +`:                                     `    SECRET_KEY = …`,
		`    SECRET_KEY = "hidden`:                                        `    SECRET_KEY = …`,
		`    DATABASES = {"default": {"PASSWORD": "hidden", "PORT": }`:    `    DATABASES = {"default": {"PASSWORD": …`,
		`    DATABASES["default"]["PASSWORD"] = "hidden" + 1`:             `    DATABASES["default"]["PASSWORD"] = …`,
		`    "LOCATION": "redis://:hidden@cache:6379",`:                   `    "LOCATION": "redis://:…@cache:6379",`,
		`KeyError: 'DB_PASSWORD'`:                                         `KeyError: 'DB_PASSWORD'`,
		`ImproperlyConfigured: The SECRET_KEY setting must not be empty.`: `ImproperlyConfigured: The SECRET_KEY setting must not be empty.`,
	} {
		if got := withoutSecrets(line); got != want {
			t.Errorf("%s: %s, want %s", line, got, want)
		}
	}
}
