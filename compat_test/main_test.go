package compat

import (
	"testing"

	"github.com/djsession/djsession/internal/testenv"
)

var servers testenv.Servers

func TestMain(m *testing.M) {
	servers.Main(m, outcome.write(onDatabases), engineOutcomes.write(onEngines), removeDjsession)
}
