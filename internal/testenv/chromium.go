package testenv

import "testing"

// Chromium returns the path of a Chromium or a Chrome, or skips the test where there is none.
func Chromium(t testing.TB) string {
	t.Helper()
	path, err := program("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
	if err != nil {
		missing(t, serversRequired(), err.Error())
	}
	return path
}
