//go:build race

package hashers

import "github.com/djsession/djsession/fixtures"

// djangos are the oldest and the newest: see cost_test.go.
func djangos() []string {
	all := fixtures.Versions()
	return []string{all[0], all[len(all)-1]}
}
