package main

import (
	"net/http"

	"github.com/djsession/djsession/django"
)

// shownCart is what pages/cart.html shows.
type shownCart struct {
	Lines   []shownLine
	Total   Cents
	Catalog []Product
}

type shownLine struct {
	Line
	Name string
	Cost Cents
	Sold bool // else there is no picture
}

func (s *service) showCart(w http.ResponseWriter, r *http.Request) error {
	cart, err := s.cart(r)
	if err != nil {
		return err
	}
	shown := shownCart{Catalog: catalog}
	for _, l := range cart {
		product, ok := products[l.SKU]
		if !ok {
			// The shop no longer sells the product.
			product.Name = l.SKU
		}
		line := shownLine{Line: l, Name: product.Name, Sold: ok, Cost: product.Price * Cents(l.Quantity)}
		shown.Lines = append(shown.Lines, line)
		shown.Total += line.Cost
	}
	return s.showPage(w, r, "cart", shown)
}

func (s *service) add(w http.ResponseWriter, r *http.Request) error {
	sku := r.PostFormValue("sku")
	if _, ok := products[sku]; !ok {
		http.Error(w, "There is no such product.", http.StatusNotFound)
		return nil
	}
	return s.change(w, r, func(c Cart) Cart { return c.Add(sku) })
}

func (s *service) remove(w http.ResponseWriter, r *http.Request) error {
	sku := r.PostFormValue("sku")
	return s.change(w, r, func(c Cart) Cart { return c.Remove(sku) })
}

// change edits the cart in the session and saves it. If another request of the visitor was
// faster, edit runs again with the cart that this one stored.
func (s *service) change(w http.ResponseWriter, r *http.Request, edit func(Cart) Cart) error {
	// If the login is no longer valid, this deletes the session with its cart.
	if _, err := s.logins.User(r); err != nil {
		return err
	}
	err := s.sessions.UpdateRequest(r, func(session *django.Session) error {
		cart, err := cartOf(session)
		if err != nil {
			return err
		}
		if cart = edit(cart); len(cart) > 0 {
			err = session.Set("cart", cart)
		} else if !session.Delete("cart") {
			return nil
		}
		if err != nil {
			return err
		}
		return markWriter(session)
	})
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/cart/", http.StatusSeeOther)
	return nil
}
