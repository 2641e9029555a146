package testenv

import (
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"testing"
)

func TestServersGiveEachTestItsOwnDatabase(t *testing.T) {
	for _, server := range []struct {
		name string
		get  func(testing.TB) *Server
	}{
		{"PostgreSQL", servers.PostgreSQL},
		{"MariaDB", servers.MariaDB},
		{"PgBouncer", servers.PgBouncer},
	} {
		t.Run(server.name, func(t *testing.T) {
			s := server.get(t)
			for _, word := range []string{"one", "two"} {
				db := s.NewDatabase(t).Connect(t)
				if _, err := db.Exec("CREATE TABLE thing (word varchar(10))"); err != nil {
					t.Fatal(err)
				}
				if _, err := db.Exec("INSERT INTO thing VALUES ('" + word + "')"); err != nil {
					t.Fatal(err)
				}
				var got string
				if err := db.QueryRow("SELECT word FROM thing").Scan(&got); err != nil {
					t.Fatal(err)
				}
				if got != word {
					t.Errorf("read %q, want %q: databases are not isolated", got, word)
				}
			}
		})
	}
}

func TestStopEndsTheServerAndRemovesItsData(t *testing.T) {
	s := PostgreSQL(t)
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	if s.process.running() {
		t.Error("the server still runs")
	}
	if _, err := os.Stat(s.dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the directory is still there: %v", err)
	}
	if err := s.Stop(); err != nil {
		t.Errorf("a second Stop: %v", err)
	}
}

func TestSettingsReachTheServer(t *testing.T) {
	db := PostgreSQL(t, Durable(), WithSetting("max_connections", "17")).NewDatabase(t).Connect(t)
	for name, want := range map[string]string{"fsync": "on", "max_connections": "17"} {
		var got string
		if err := db.QueryRow("SHOW " + name).Scan(&got); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestServerTakesAnotherPortWhenItsOwnIsTaken(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	takenPort := taken.Addr().(*net.TCPAddr).Port

	pg := servers.PostgreSQL(t)
	s, as, err := newServer(PostgreSQLVendor, "", "djsession-pb-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(s.dir)
	s.User, s.Password, s.behind, s.adminName = pg.User, pg.Password, pg, pg.adminName
	pgbouncer, err := program("pgbouncer")
	if err != nil {
		missing(t, serversRequired(), err.Error())
	}
	var tried []int
	users := s.dir + "/users.txt"
	if err := errors.Join(os.WriteFile(users, fmt.Appendf(nil, "%q %q\n", s.User, s.Password), 0o600), give(users, as)); err != nil {
		t.Fatal(err)
	}
	err = s.launch(t.Context(), func(port int) (*process, error) {
		if len(tried) == 0 {
			port = takenPort // as if somebody had taken it since it was found free
			s.Port = port
		}
		tried = append(tried, port)
		text := fmt.Sprintf("[databases]\n* = host=%s port=%d\n[pgbouncer]\nlisten_addr=127.0.0.1\nlisten_port=%d\n"+
			"unix_socket_dir=\nauth_type=scram-sha-256\nauth_file=%s\n", pg.Host, pg.Port, port, users)
		if err := os.WriteFile(s.dir+"/p.ini", []byte(text), 0o644); err != nil {
			return nil, err
		}
		return startProcess(as, s.dir, s.dir+"/server.log", syscall.SIGKILL, pgbouncer, s.dir+"/p.ini")
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.process.stop(syscall.SIGTERM, stopGrace)
	if len(tried) != 2 || s.Port == takenPort {
		t.Errorf("tried ports %v (the first was taken), ended on %d", tried, s.Port)
	}
}
