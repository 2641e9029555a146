package main

import (
	"maps"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/serializer"
)

// handle is a session that the Python side holds.
//
// Django's tests set session.modified = False and check whether the next call sets it,
// but the flags of a Go session are never cleared. The flag is then read from a probe:
// another session, loaded with the same data, on which every later call is repeated. The
// tests also change settings while a session lives. The session is then made again under
// the new settings, from what was stored (base) and the changes since (log).
type handle struct {
	site               *site
	s                  *django.Session
	base               django.Record // what was stored; no key: nothing
	log                []func(*django.Session) error
	accessed, modified flag
}

type flag struct {
	set   bool // whatever the probe shows
	probe *django.Session
}

var (
	handles    = map[int]*handle{}
	lastHandle int
)

func hold(h *handle) any {
	lastHandle++
	handles[lastHandle] = h
	return h.state(map[string]any{"handle": lastHandle})
}

// handle returns the handle that the call names, under the settings of the call.
func (c *call) handle() *handle {
	h := handles[c.args.Handle]
	if h == nil {
		fail("no such session: %d", c.args.Handle)
	}
	if site := c.site(); h.site != site {
		h.accessed = flag{set: h.isAccessed()}
		h.modified = flag{set: h.isModified()}
		h.s = must(h.again(site))
		h.site = site
	}
	return h
}

// again makes the session again, under the settings of a site.
func (h *handle) again(site *site) (*django.Session, error) {
	s := site.sessions.NewSession()
	if h.base.Key != "" {
		var err error
		if s, err = site.loadSeeded(h.base); err != nil {
			return nil, err
		}
	}
	return s, h.replay(s)
}

// replay repeats the changes since the session was stored.
func (h *handle) replay(s *django.Session) error {
	for _, f := range h.log {
		if err := f(s); err != nil {
			return err
		}
	}
	return nil
}

// probe returns a session with the same data that is neither accessed nor modified.
func (h *handle) probe() *django.Session {
	d := new(serializer.Dict)
	for k, v := range must(h.again(h.site)).Items() {
		d.Set(k, v)
	}
	key := h.base.Key
	if key == "" {
		key = "probe000" // as long as a key must be
	}
	return must(h.site.loadSeeded(django.Record{Key: key, Data: d}))
}

func (h *handle) isAccessed() bool {
	if w := h.accessed.probe; w != nil {
		return h.accessed.set || w.Accessed()
	}
	return h.accessed.set || h.s.Accessed()
}

func (h *handle) isModified() bool {
	if w := h.modified.probe; w != nil {
		return h.modified.set || w.Modified()
	}
	return h.modified.set || h.s.Modified()
}

func (h *handle) state(more map[string]any) map[string]any {
	state := map[string]any{"key": h.s.Key(), "accessed": h.isAccessed(), "modified": h.isModified(), "empty": h.s.IsEmpty()}
	maps.Copy(state, more)
	return state
}

// do calls f with the session and with its probes.
func (h *handle) do(f func(*django.Session) (any, error), changes bool) (any, error) {
	result, err := f(h.s)
	if err != nil {
		return nil, err
	}
	for _, w := range []*django.Session{h.accessed.probe, h.modified.probe} {
		if w != nil {
			if _, err := f(w); err != nil {
				return nil, err
			}
		}
	}
	if changes {
		h.log = append(h.log, func(s *django.Session) error { _, err := f(s); return err })
	}
	return result, nil
}

// stored updates h after the session was stored.
func (h *handle) stored() {
	h.base, h.log = passed[h.s.Key()], nil
	h.accessed.set = h.isAccessed() || h.s.Accessed()
	h.modified.set = h.isModified() || h.s.Modified()
}

// flushed updates h after the session was flushed.
func (h *handle) flushed() {
	h.base, h.log = django.Record{}, nil
	h.accessed, h.modified = flag{set: h.s.Accessed()}, flag{set: h.s.Modified()}
}
