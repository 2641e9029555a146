package main

import "github.com/djsession/djsession/signing"

func init() {
	register(map[string]operation{
		"dumps":         dumps,
		"loads":         loads,
		"cookie.sign":   cookieSign,
		"cookie.unsign": cookieUnsign,
		"b62.encode":    func(c *call) (any, error) { return signing.EncodeBase62(argsOf[signingArgs](c).Number), nil },
		"b62.decode":    func(c *call) (any, error) { return signing.DecodeBase62(string(argsOf[signingArgs](c).Value)) },
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
	var err error
	if a.MaxAge != nil {
		err = signing.LoadsMaxAge(string(a.Value), &v, string(a.Key), a.maxAge(), a.options())
	} else {
		err = signing.Loads(string(a.Value), &v, string(a.Key), a.options())
	}
	if err != nil {
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
	var v string
	if a.MaxAge != nil {
		v, err = s.UnsignMaxAge(a.Name, a.Salt, string(a.Value), a.maxAge())
	} else {
		v, err = s.Unsign(a.Name, a.Salt, string(a.Value))
	}
	return []byte(v), err
}
