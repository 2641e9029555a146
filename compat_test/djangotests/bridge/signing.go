package main

import (
	"github.com/djsession/djsession/internal/base62"
	"github.com/djsession/djsession/signing"
)

func init() {
	register(map[string]operation{
		"dumps":         dumps,
		"loads":         loads,
		"cookie.sign":   cookieSign,
		"cookie.unsign": cookieUnsign,
		"b62.encode":    func(c *call) (any, error) { return base62.Encode(argsOf[signingArgs](c).Number), nil },
		"b62.decode":    func(c *call) (any, error) { return base62.Decode(string(argsOf[signingArgs](c).Value)) },
	})
}

func dumps(c *call) (any, error) {
	a := argsOf[signingArgs](c)
	text, err := signing.Dumps(fromPython(a.Object), string(a.Key), a.Compress, a.options())
	return []byte(text), err
}

func loads(c *call) (any, error) {
	a := argsOf[signingArgs](c)
	var v any
	if err := signing.Loads(string(a.Value), &v, string(a.Key), a.maxAge(), a.options()); err != nil {
		return nil, err
	}
	return toPython(v), nil
}

func (a *signingArgs) cookieSigner() (*signing.CookieSigner, error) {
	return signing.NewCookieSigner(string(a.Key), signing.CookieOptions{
		WriteLegacySalt:    a.WriteLegacy,
		LegacySaltFallback: a.ReadLegacy,
		FallbackKeys:       a.fallbacks(),
		Now:                clock,
	})
}

func cookieSign(c *call) (any, error) {
	a := argsOf[signingArgs](c)
	s, err := a.cookieSigner()
	if err != nil {
		return nil, err
	}
	return []byte(s.Sign(a.Name, a.Salt, string(a.Value))), nil
}

func cookieUnsign(c *call) (any, error) {
	a := argsOf[signingArgs](c)
	s, err := a.cookieSigner()
	if err != nil {
		return nil, err
	}
	v, err := s.Unsign(a.Name, a.Salt, string(a.Value), a.maxAge())
	return []byte(v), err
}
