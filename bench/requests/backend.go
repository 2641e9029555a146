package requests

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// backend is a database, and the servers on it.
type backend struct {
	*bench
	name     string // "PostgreSQL"
	site     *site
	siteFile string
	shared   []session // which nobody changes
	local    []session // which this process may change
	variants []*variant
}

// variant is one server.
type variant struct {
	name    string
	own     []session // which only it changes
	process *process
}

// bare reports whether the server does not decode sessions, but answers with their length.
func (v *variant) bare() bool { return strings.HasSuffix(v.name, ", bare") }

// foreign reports whether the server has sessions that are not Django's.
func (v *variant) foreign() bool { return v.name == "scs" || v.inCookie() }

// inCookie reports whether its sessions are in their cookies.
func (v *variant) inCookie() bool { return v.name == "gorilla/sessions" }

// newBackend fills the site's database and starts those of the servers of these names, and
// Django, that are wanted for one of the kinds.
func (b *bench) newBackend(ctx context.Context, name string, s *site, kinds []kind, names []string) (_ *backend, err error) {
	s.SecretKey, s.DjangoVersion = b.secret, b.env.Django.Version
	back := &backend{bench: b, name: name, site: s, siteFile: filepath.Join(b.env.Dir, fileName(name)+".json")}
	wanted := b.wantedOf(name, kinds, append(names, "Django"))
	if len(wanted) == 0 && !b.wants(name, inProcess, "") {
		return back, nil
	}
	s.django()
	if err := s.write(back.siteFile); err != nil {
		return nil, err
	}
	perServer := b.perServer()
	sessions, err := b.python.fill(ctx, back.siteFile, perServer*(2+len(wanted)))
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, back.stop())
		}
	}()
	take := func() (some []session) {
		some, sessions = sessions[:perServer:perServer], sessions[perServer:]
		return some
	}
	back.shared, back.local = take(), take()
	for _, name := range wanted {
		v := &variant{name: name, own: take()}
		if v.process, err = back.start(ctx, name); err != nil {
			return nil, err
		}
		back.variants = append(back.variants, v)
		if v.foreign() {
			if v.own, err = newSessions(v.process, perServer); err != nil {
				return nil, err
			}
		}
	}
	return back, nil
}

// wantedOf returns those of the names of variants that are wanted for one of the kinds.
func (b *bench) wantedOf(backend string, kinds []kind, names []string) (wanted []string) {
	for _, name := range names {
		for _, k := range kinds {
			if b.wants(backend, k.name, name) {
				wanted = append(wanted, name)
				break
			}
		}
	}
	return wanted
}

// start starts a server.
func (back *backend) start(ctx context.Context, name string) (*process, error) {
	if name == "Django" {
		return back.startDjango(ctx)
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return start(back.env.Dir, back.name+" "+name, exec.Command(self, "serve", back.siteFile, name))
}

// stop ends the servers.
func (back *backend) stop() (err error) {
	for _, v := range back.variants {
		err = errors.Join(err, v.process.stop())
	}
	return err
}

// newSessions lets a server make sessions.
func newSessions(p *process, n int) (sessions []session, err error) {
	for range n {
		res, err := http.Get("http://" + p.addr + "/new")
		if err != nil {
			return nil, fmt.Errorf("%w\n%s", err, p.said())
		}
		_ = res.Body.Close()
		cookies := res.Cookies()
		if res.StatusCode != http.StatusOK || len(cookies) != 1 {
			return nil, fmt.Errorf("%s: no new session: %s, %v\n%s", p.cmd, res.Status, cookies, p.said())
		}
		sessions = append(sessions, session{Key: cookies[0].Value})
	}
	return sessions, nil
}

// check asks Django whether it reads what the servers have stored.
func (back *backend) check(ctx context.Context) error {
	sessions := append(back.shared, back.local...)
	for _, v := range back.variants {
		if !v.foreign() {
			sessions = append(sessions, v.own...)
		}
	}
	if len(sessions) == 0 {
		return nil
	}
	return back.python.check(ctx, back.siteFile, sessions)
}
