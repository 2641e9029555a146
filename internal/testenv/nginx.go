package testenv

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// NginxVendor is the Vendor of an nginx, which has no databases.
const NginxVendor Vendor = "nginx"

// Nginx starts nginx for one test. configure returns what stands in the block http of its
// configuration, for the address that it is to listen on.
func Nginx(t testing.TB, configure func(listen string) string) *Server {
	t.Helper()
	s, err := startNginx(t.Context(), configure)
	return serve(t, s, err)
}

func startNginx(ctx context.Context, configure func(listen string) string) (*Server, error) {
	nginx, err := program("nginx")
	if err != nil {
		return nil, err
	}
	s, as, err := newServer(NginxVendor, "", "djsession-nginx-")
	if err != nil {
		return nil, err
	}
	s.ask = syscall.SIGTERM
	s.ready = func(ctx context.Context) error {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.Addr())
		if err == nil {
			err = conn.Close()
		}
		return err
	}
	return s.started(ctx, "nginx", func(ctx context.Context) error {
		return s.launch(ctx, func(int) (*process, error) {
			text := "daemon off;\nmaster_process off;\npid nginx.pid;\nevents {}\nhttp {\naccess_log off;\n"
			for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
				text += fmt.Sprintf("%s_temp_path %s;\n", kind, kind)
			}
			configuration := filepath.Join(s.dir, "nginx.conf")
			if err := os.WriteFile(configuration, []byte(text+configure(s.Addr())+"}\n"), 0o644); err != nil {
				return nil, err
			}
			return startProcess(as, s.dir, s.logPath(), syscall.SIGKILL, nginx, "-e", "stderr", "-p", s.dir, "-c", configuration)
		})
	})
}
