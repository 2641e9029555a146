package cachestore_test

import (
	"testing"

	"github.com/djsession/djsession/internal/testenv"
)

var servers testenv.Servers

func TestMain(m *testing.M) { servers.Main(m) }
