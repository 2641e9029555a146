package testenv

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"testing"
	"time"
)

// TestServersDieWithTheirStarter kills a process that started a server, and waits for the
// server to be gone.
func TestServersDieWithTheirStarter(t *testing.T) {
	const variable = "DJSESSION_TESTENV_STARTER"
	if os.Getenv(variable) != "" {
		s := PostgreSQL(t)
		fmt.Printf("server %s %d\n", s.dir, s.Port)
		time.Sleep(time.Minute)
		return
	}
	servers.PostgreSQL(t) // skips where there is none
	starter := exec.Command(os.Args[0], "-test.run=^TestServersDieWithTheirStarter$")
	starter.Env = append(os.Environ(), variable+"=1")
	output, err := starter.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := starter.Start(); err != nil {
		t.Fatal(err)
	}
	defer starter.Wait()
	defer starter.Process.Kill()

	var dir string
	var port int
	for lines := bufio.NewScanner(output); port == 0 && lines.Scan(); {
		_, _ = fmt.Sscanf(lines.Text(), "server %s %d", &dir, &port)
	}
	if port == 0 {
		t.Fatal("the starter did not start a server")
	}
	defer os.RemoveAll(dir) // nobody is left who would
	if err := starter.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			return
		}
		conn.Close()
		if time.Now().After(deadline) {
			t.Fatal("the server outlived the process that started it")
		}
	}
}
