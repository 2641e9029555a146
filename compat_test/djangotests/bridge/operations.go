package main

import (
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/serializer"
)

func init() {
	register(map[string]operation{
		"session.new":        sessionNew,
		"session.open":       sessionOpen,
		"session.state":      func(c *call) (any, error) { return c.handle().state(nil), nil },
		"session.flag":       sessionFlag,
		"session.do":         sessionDo,
		"session.save":       sessionSave,
		"session.create":     sessionCreate,
		"session.cycle":      sessionCycle,
		"session.flush":      sessionFlush,
		"session.empty_with": emptyWith,
	})
}

func sessionNew(c *call) (any, error) {
	site := c.site()
	return hold(&handle{site: site, s: site.sessions.NewSession()}), nil
}

func sessionOpen(c *call) (any, error) {
	site := c.site()
	s, err := site.sessions.Load(c.ctx(), c.args.Key)
	if err != nil {
		return nil, err
	}
	return hold(&handle{site: site, s: s, base: passed[s.Key()]}), nil
}

// emptyWith reports whether a session with a key and no data is empty.
func emptyWith(c *call) (any, error) {
	s, err := c.site().loadSeeded(django.Record{Key: c.args.Key, Data: new(serializer.Dict)})
	if err != nil {
		return nil, err
	}
	return s.IsEmpty(), nil
}

func sessionFlag(c *call) (any, error) {
	h := c.handle()
	switch {
	case c.args.Flag == "modified" && c.args.On:
		_, err := h.do(func(s *django.Session) (any, error) { s.MarkModified(); return nil, nil }, true)
		return h.state(nil), err
	case c.args.On:
		h.accessed.set = true
	case c.args.Flag == "modified":
		h.modified = flag{probe: h.probe()}
	default:
		h.accessed = flag{probe: h.probe()}
	}
	return h.state(nil), nil
}

func sessionSave(c *call) (any, error) {
	h := c.handle()
	if err := h.s.Save(c.ctx()); err != nil {
		return h.state(nil), err
	}
	h.stored()
	return h.state(nil), nil
}

// sessionCreate is Django's create: the data under a new key. In Go that is a new session.
func sessionCreate(c *call) (any, error) {
	h := &handle{site: c.site(), s: c.site().sessions.NewSession()}
	if c.args.Handle != 0 {
		for k, v := range c.handle().s.Items() {
			if err := h.s.Set(k, v); err != nil {
				return nil, err
			}
		}
	}
	if err := h.s.Save(c.ctx()); err != nil {
		return nil, err
	}
	h.stored()
	return hold(h), nil
}

// sessionCycle is Django's cycle_key, which acts at once; Go's acts when the session is saved.
func sessionCycle(c *call) (any, error) {
	h := c.handle()
	if _, err := h.do(func(s *django.Session) (any, error) { s.CycleKey(); return nil, nil }, true); err != nil {
		return nil, err
	}
	return sessionSave(c)
}

func sessionFlush(c *call) (any, error) {
	h := c.handle()
	if err := h.s.Flush(c.ctx()); err != nil {
		return h.state(nil), err
	}
	h.flushed()
	return h.state(nil), nil
}
