package main

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"runtime"
	"strings"
)

//go:embed page.html
var pageHTML string

//go:embed shop/templates/style.css
var styleCSS string

var pageTemplate = template.Must(template.New("page").Parse(pageHTML))

// page is what page.html shows.
type page struct {
	Style     template.CSS
	User      string // empty if nobody is logged in
	Catalog   []Product
	Cart      []shownLine
	Total     Cents
	GoVersion string
}

type shownLine struct {
	Line
	Name string
	Cost Cents
}

func showPage(w http.ResponseWriter, user string, cart Cart) error {
	p := page{
		Style:     template.CSS(styleCSS),
		User:      user,
		Catalog:   catalog,
		GoVersion: strings.TrimPrefix(runtime.Version(), "go"),
	}
	for _, l := range cart {
		product, ok := products[l.SKU]
		if !ok {
			// A product that the shop no longer sells still lies in somebody's cart.
			product.Name = l.SKU
		}
		line := shownLine{Line: l, Name: product.Name, Cost: product.Price * Cents(l.Quantity)}
		p.Cart = append(p.Cart, line)
		p.Total += line.Cost
	}
	// Into a buffer, so that an error can still become the answer.
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, p); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("X-Frame-Options", "DENY")
	_, _ = b.WriteTo(w) // a visitor who has gone is no error of ours
	return nil
}
