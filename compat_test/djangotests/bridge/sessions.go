package main

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/serializer"
)

// sessionArgs are the arguments of the calls about sessions.
type sessionArgs struct {
	Handle  int                        `json:"handle"`
	Request int                        `json:"request"`
	Do      string                     `json:"do"`
	Key     string                     `json:"key"`
	Text    string                     `json:"text"`
	Value   string                     `json:"json"`
	Values  map[string]json.RawMessage `json:"values"`
	Seconds int64                      `json:"seconds"`
	Date    [2]int64                   `json:"date"`
	Flag    string                     `json:"flag"`
	On      bool                       `json:"on"`

	Method    string      `json:"method"`
	URL       string      `json:"url"`
	Headers   http.Header `json:"headers"`
	Status    int         `json:"status"`
	Body      []byte      `json:"body"`
	HasCookie bool        `json:"has_cookie"`
	Cookie    string      `json:"cookie"`
}

func init() {
	register(map[string]operation{
		"encode":        encodeSession,
		"decode":        decodeSession,
		"key.valid":     keyValid,
		"key.new":       keyNew,
		"load":          loadSession,
		"exists":        exists,
		"delete":        func(c *call) (any, error) { return nil, c.site().sessions.Delete(c.ctx(), c.args.Key) },
		"clear_expired": func(c *call) (any, error) { return c.site().sessions.ClearExpired(c.ctx()) },
	})
}

func encodeSession(c *call) (any, error) {
	return c.site().sessions.Codec().Encode(c.ctx(), dictFromPython(c.args.Text))
}

// decodeSession is Django's decode. A text that cannot be decoded is loaded as a stored
// session, which is then empty.
func decodeSession(c *call) (any, error) {
	s := c.site()
	d, err := s.sessions.Codec().Decode(c.ctx(), c.args.Text)
	if err == nil {
		return dictToPython(d), nil
	}
	empty, err := s.loadSeeded(django.Record{Key: "undecodable", Data: new(serializer.Dict), Corrupt: err})
	if err != nil {
		return nil, err
	}
	return itemsText(empty), nil
}

// keyValid reports whether Go asks its store for a session under this key.
func keyValid(c *call) (any, error) {
	asked := false
	ss, err := c.site().sessions.With(stub{loaded: func(string) { asked = true }}.engine())
	if err != nil {
		return nil, err
	}
	if _, err := ss.Load(c.ctx(), c.args.Key); !errors.Is(err, django.ErrNotFound) {
		return nil, err
	}
	return asked, nil
}

// keyNew makes the key of a new session, which is not stored.
func keyNew(c *call) (any, error) {
	made := ""
	ss, err := c.site().sessions.With(stub{created: func(key string) { made = key }}.engine())
	if err != nil {
		return nil, err
	}
	return &made, ss.NewSession().Save(c.ctx())
}

// loadSession is Django's load: the stored dict, or null.
func loadSession(c *call) (any, error) {
	s, err := c.site().sessions.Load(c.ctx(), c.args.Key)
	if errors.Is(err, django.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return itemsText(s), nil
}

func itemsText(s *django.Session) string {
	d := new(serializer.Dict)
	for k, v := range s.Items() {
		d.Set(k, v)
	}
	return dictToPython(d)
}

// exists is Django's exists, which also finds expired sessions. A Store has no such
// method, so it lists them. A cache has no expired sessions, and signed cookies are not
// kept anywhere.
func exists(c *call) (any, error) {
	if c.site().tap.Capabilities().ChoosesKeys {
		return false, nil
	}
	lister, ok := c.site().tap.Store.(django.Lister)
	if !ok || c.site().tap.Capabilities().Expires {
		_, err := c.site().sessions.Load(c.ctx(), c.args.Key)
		return err == nil, ignore(err, django.ErrNotFound)
	}
	if c.args.Key == "" { // a filter without a key is one for all
		_, err := c.site().sessions.Load(c.ctx(), "")
		return err == nil, ignore(err, django.ErrNotFound)
	}
	for _, expired := range []bool{false, true} {
		for row, err := range lister.List(c.ctx(), django.Filter{Key: c.args.Key, Now: now, Expired: expired}) {
			if err != nil {
				return nil, err
			}
			return row.Key == c.args.Key, nil
		}
	}
	return false, nil
}
