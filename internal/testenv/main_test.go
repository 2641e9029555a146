package testenv

import (
	"testing"
)

var servers Servers

func TestMain(m *testing.M) { servers.Main(m) }
