package recipes

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"os"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/djsession/djsession/internal/testenv"
)

// serveForwardAuth serves /auth with this status for those who are not logged in.
func serveForwardAuth(s *loginSite, denied int) (address string) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /auth", ForwardAuth(s.Site, denied))
	return s.serve(s.Middleware(mux))
}

// startNginx serves nginx.conf in front of the backend, and returns its URL.
func startNginx(t *testing.T, s *loginSite, b *backend) string {
	t.Helper()
	text, err := os.ReadFile("nginx.conf")
	s.must(err)
	auth := serveForwardAuth(s, http.StatusUnauthorized)
	nginx := testenv.Nginx(t, func(listen string) string {
		return strings.NewReplacer("listen 80;", "listen "+listen+";",
			"http://127.0.0.1:8001", auth, "http://127.0.0.1:8002", b.String()).Replace(string(text))
	})
	return "http://" + nginx.Addr()
}

func TestNginx(t *testing.T) {
	s := newLoginSite(t)
	b := newBackend(t)
	checkIdentity(t, s, b, startNginx(t, s, b), http.StatusFound)
}

func TestNginxLocations(t *testing.T) {
	s := newLoginSite(t)
	b := newBackend(t)
	v := newVisitor(t, startNginx(t, s, b))
	// Who is not logged in is led to the login, and back from there.
	if got := v.get("/orders?x=1&y=/2").Header.Get("Location"); got != "/accounts/login/?next=%2Forders%3Fx%3D1%26y%3D%2F2" {
		t.Errorf("nginx leads to %s", got)
	}
	// A public location needs no login, and believes no header.
	a := v.as(s.key).send(http.MethodGet, "/public/x", "", forged...)
	if requests, identity := b.got(); a.StatusCode != http.StatusTeapot || requests != 1 || len(identity) != 0 {
		t.Errorf("%s, %d requests with %q", a.Status, requests, identity)
	}
	// Nobody asks the endpoint through nginx.
	if a := v.get("/_auth"); a.StatusCode != http.StatusNotFound {
		t.Errorf("/_auth: %s", a.Status)
	}
	// If it is unknown who is logged in, nobody gets in.
	s.db.MustExec("DROP TABLE auth_user")
	if a := v.get("/"); a.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("without a user table: %s", a.Status)
	}
}

func TestTraefik(t *testing.T) {
	s := newLoginSite(t)
	b := newBackend(t)
	traefik := httptest.NewServer(asTraefik(t, serveForwardAuth(s, http.StatusFound)+"/auth", httputil.NewSingleHostReverseProxy(b.URL)))
	defer traefik.Close()
	v := newVisitor(t, traefik.URL)
	if got := v.get("/orders?x=1&y=/2").Header.Get("Location"); got != "/accounts/login/?next=%2Forders%3Fx%3D1%26y%3D%2F2" {
		t.Errorf("Traefik leads to %s", got)
	}
	checkIdentity(t, s, b, traefik.URL, http.StatusFound)
}

// traefikFile is what asTraefik follows of traefik.yaml.
type traefikFile struct {
	HTTP struct {
		Middlewares struct {
			NoIdentity struct {
				Headers struct {
					CustomRequestHeaders map[string]string `yaml:"customRequestHeaders"`
				}
			} `yaml:"no-identity"`
			Login struct {
				ForwardAuth struct {
					AuthResponseHeaders []string `yaml:"authResponseHeaders"`
				} `yaml:"forwardAuth"`
			}
		}
		Routers map[string]struct{ Middlewares []string }
	}
}

func readTraefikFile(t *testing.T) (file traefikFile) {
	t.Helper()
	text, err := os.ReadFile("traefik.yaml")
	if err == nil {
		err = yaml.Unmarshal(text, &file)
	}
	if err != nil {
		t.Fatal(err)
	}
	for name, router := range file.HTTP.Routers {
		if router.Middlewares[0] != "no-identity" {
			t.Errorf("the router %s believes a client's headers", name)
		}
	}
	return file
}

// asTraefik speaks the protocol of Traefik's middlewares Headers and ForwardAuth, as
// traefik.yaml configures them.
func asTraefik(t *testing.T, address string, next http.Handler) http.Handler {
	file := readTraefikFile(t)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range file.HTTP.Middlewares.NoIdentity.Headers.CustomRequestHeaders {
			if r.Header.Del(name); value != "" {
				t.Errorf("the client's header %s is replaced", name)
			}
		}
		ask, err := http.NewRequestWithContext(r.Context(), http.MethodGet, address, nil)
		if err != nil {
			t.Error(err)
			return
		}
		ask.Header = r.Header.Clone()
		for _, name := range []string{"Connection", "Upgrade", "Te", "Trailer", "Transfer-Encoding", "Keep-Alive"} {
			ask.Header.Del(name)
		}
		ip, _, _ := net.SplitHostPort(r.RemoteAddr)
		ask.Header.Set("X-Forwarded-For", ip)
		ask.Header.Set("X-Forwarded-Method", r.Method)
		ask.Header.Set("X-Forwarded-Proto", "http")
		ask.Header.Set("X-Forwarded-Host", r.Host)
		ask.Header.Set("X-Forwarded-Uri", r.URL.RequestURI())
		answer, err := client.Do(ask)
		if err != nil {
			t.Error(err)
			return
		}
		defer answer.Body.Close()
		if answer.StatusCode < 200 || answer.StatusCode > 299 {
			for name, values := range answer.Header {
				w.Header()[name] = values
			}
			w.WriteHeader(answer.StatusCode)
			_, _ = io.Copy(w, answer.Body)
			return
		}
		for _, name := range file.HTTP.Middlewares.Login.ForwardAuth.AuthResponseHeaders {
			r.Header.Del(name)
			if values := answer.Header[name]; len(values) > 0 {
				r.Header[name] = values
			}
		}
		r.Header.Del("Connection")
		next.ServeHTTP(w, r)
	})
}
