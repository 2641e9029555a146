package django

import (
	"io"
	"reflect"
)

// WithRandom takes session keys from r.
func WithRandom(r io.Reader) Option { return func(o *options) { o.random = r } }

// SettingsWithoutName returns the fields of Settings that no file and no variable can set.
func SettingsWithoutName() (missing []string) {
	var s Settings
	known := map[uintptr]bool{}
	for _, f := range settingFields {
		known[reflect.ValueOf(f.at(&s)).Pointer()] = true
	}
	v := reflect.ValueOf(&s).Elem()
	for i := range v.NumField() {
		if !known[v.Field(i).Addr().Pointer()] {
			missing = append(missing, v.Type().Field(i).Name)
		}
	}
	return missing
}
