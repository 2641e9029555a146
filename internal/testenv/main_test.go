package testenv

import (
	"log"
	"os"
	"testing"
)

var servers Servers

func TestMain(m *testing.M) {
	code := m.Run()
	if err := servers.Stop(); err != nil {
		log.Print(err)
		code = 1
	}
	os.Exit(code)
}
