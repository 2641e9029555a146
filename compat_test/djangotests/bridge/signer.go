package main

import (
	"context"
	"math"
	"time"

	"github.com/djsession/djsession/signing"
)

type signingArgs struct {
	Timed       bool     `json:"timed"`
	Key         []byte   `json:"key"`
	Separator   string   `json:"sep"`
	Salt        string   `json:"salt"`
	Algorithm   string   `json:"algorithm"`
	Fallbacks   [][]byte `json:"fallbacks"`
	Value       []byte   `json:"value"`
	Object      string   `json:"object"` // JSON
	Compress    bool     `json:"compress"`
	MaxAge      *float64 `json:"max_age"` // seconds
	Name        string   `json:"name"`    // of a cookie
	WriteLegacy bool     `json:"write_legacy"`
	ReadLegacy  bool     `json:"read_legacy"`
	Number      int64    `json:"number"`
}

func (a *signingArgs) fallbacks() (keys []string) {
	for _, k := range a.Fallbacks {
		keys = append(keys, string(k))
	}
	return keys
}

func (a *signingArgs) options() signing.Options {
	return signing.Options{
		Separator:    a.Separator,
		Salt:         a.Salt,
		Algorithm:    signing.Algorithm(a.Algorithm),
		FallbackKeys: a.fallbacks(),
		Now:          clock,
	}
}

// maxAge returns NoMaxAge for max_age=None.
func (a *signingArgs) maxAge() time.Duration {
	if a.MaxAge == nil {
		return signing.NoMaxAge
	}
	return time.Duration(math.Round(*a.MaxAge * float64(time.Second)))
}

func init() {
	register(map[string]operation{
		"signer.new": withSigner(func(signer, *signingArgs) (any, error) { return nil, nil }),
		"signer.signature": withSigner(func(s signer, a *signingArgs) (any, error) {
			return []byte(s.Signature(string(a.Value))), nil
		}),
		"signer.sign": withSigner(func(s signer, a *signingArgs) (any, error) { return []byte(s.Sign(string(a.Value))), nil }),
		"signer.timestamp": withSigner(func(s signer, a *signingArgs) (any, error) {
			return s.(*signing.TimestampSigner).Timestamp(), nil
		}),
		"signer.unsign":        withSigner(unsign),
		"signer.sign_object":   withSigner(signObject),
		"signer.unsign_object": withSigner(unsignObject),
		"signer.sign_payload": withSigner(func(s signer, a *signingArgs) (any, error) {
			return s.AppendPayload(context.Background(), nil, a.Value, a.Compress)
		}),
		"signer.payload": withSigner(payload),
	})
}

// signer is what Signer and TimestampSigner have in common.
type signer interface {
	Signature(value string) string
	Sign(value string) string
	SignObject(v any, compress bool) (string, error)
	AppendPayload(ctx context.Context, dst, payload []byte, compress bool) ([]byte, error)
}

func withSigner(f func(signer, *signingArgs) (any, error)) operation {
	return func(c *call) (any, error) {
		a := argsOf[signingArgs](c)
		var s signer
		var err error
		if a.Timed {
			s, err = signing.NewTimestampSigner(string(a.Key), a.options())
		} else {
			s, err = signing.NewSigner(string(a.Key), a.options())
		}
		if err != nil {
			return nil, err
		}
		return f(s, a)
	}
}

func unsign(s signer, a *signingArgs) (any, error) {
	var v string
	var err error
	switch s := s.(type) {
	case *signing.TimestampSigner:
		v, err = s.Unsign(string(a.Value), a.maxAge())
	case *signing.Signer:
		v, err = s.Unsign(string(a.Value))
	}
	return []byte(v), err
}

func signObject(s signer, a *signingArgs) (any, error) {
	text, err := s.SignObject(fromPython(a.Object), a.Compress)
	return []byte(text), err
}

func unsignObject(s signer, a *signingArgs) (any, error) {
	var v any
	var err error
	switch s := s.(type) {
	case *signing.TimestampSigner:
		err = s.UnsignObject(string(a.Value), &v, a.maxAge())
	case *signing.Signer:
		err = s.UnsignObject(string(a.Value), &v)
	}
	if err != nil {
		return nil, err
	}
	return toPython(v), nil
}

func payload(s signer, a *signingArgs) (any, error) {
	if t, ok := s.(*signing.TimestampSigner); ok {
		return t.Payload(context.Background(), string(a.Value), a.maxAge())
	}
	return s.(*signing.Signer).Payload(context.Background(), string(a.Value))
}
