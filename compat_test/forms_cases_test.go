package compat

import (
	"math/rand/v2"
	"slices"
)

// draft describes a posted form. It is valid except in the fields that a case sets.
type draft struct {
	name string

	method, host, port, path, query string
	secure                          bool
	origin, referer                 []string    // the headers' values; nil is no header
	headers                         [][2]string // more of them

	secret, other string
	held          []string // values of the cookie, or the session's value; nil if there is none
	token         string
	place         string // where the token is sent
	body          string // how the fields are encoded
}

// newDraft returns a valid form.
func (f *formTrial) newDraft() draft {
	d := draft{method: "POST", secure: true, host: "example.com", port: "443", path: "/echo",
		referer: []string{"https://example.com/form"}, place: "field", body: "urlencoded",
		secret: formSecret(f.random), other: formSecret(f.random)}
	d.held = []string{maskedSecret(f.random, d.secret)}
	if f.cell.django.AtLeast(4, 1) {
		d.held[0] = d.secret
	}
	d.token = maskedSecret(f.random, d.secret)
	if f.site.right != nil {
		f.site.right(&d)
	}
	return d
}

// cases returns the drafts for a site: a valid one, one for each relevant choice that differs
// only in that, and some that differ in several.
func (f *formTrial) cases() []draft {
	drafts := []draft{f.newDraft()}
	for _, factor := range formFactors {
		if f.site.factors != nil && !slices.Contains(f.site.factors, factor.name) {
			continue
		}
		for _, choice := range factor.choices {
			if f.inner && f.site.factors != nil && f.random.IntN(3) > 0 {
				continue // the oldest and the newest Django run all of them
			}
			drafts = append(drafts, f.newDraft().with(f.random, factor, choice))
		}
	}
	for range f.site.mixed {
		made := f.newDraft()
		for _, factor := range formFactors {
			if f.random.IntN(len(formFactors)) < 3 {
				made = made.with(f.random, factor, factor.choices[f.random.IntN(len(factor.choices))])
			}
		}
		drafts = append(drafts, made)
	}
	return drafts
}

func (d draft) with(random *rand.Rand, f factor, c choice) draft {
	d.name += f.name + " " + c.name + "; "
	c.change(random, &d)
	return d
}

// factor is a property in which forms differ.
type factor struct {
	name    string
	choices []choice
}

type choice struct {
	name   string
	change func(*rand.Rand, *draft)
}
