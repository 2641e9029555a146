package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/djsession/djsession/django"
)

// Cart is the session's value under "cart". In Django it is a list of dicts, see
// shop/cart.py. An empty cart is not stored.
type Cart []Line

// Line is one product in a cart. Set writes only the fields of this struct, so that a new
// field must be added in Go before Django writes it.
type Line struct {
	SKU      string `json:"sku"`
	Quantity int    `json:"quantity"`
}

// most is how many of one product a cart holds.
const most = 99

// Add returns the cart with one more of a product.
func (c Cart) Add(sku string) Cart {
	for i := range c {
		if c[i].SKU == sku {
			c[i].Quantity = min(c[i].Quantity+1, most)
			return c
		}
	}
	return append(c, Line{SKU: sku, Quantity: 1})
}

// Remove returns the cart without a product, however many there were.
func (c Cart) Remove(sku string) Cart {
	return slices.DeleteFunc(c, func(l Line) bool { return l.SKU == sku })
}

// Count returns how many products are in the cart.
func (c Cart) Count() (n int) {
	for _, l := range c {
		n += l.Quantity
	}
	return n
}

// errCart reports a value under "cart" that is not a cart.
var errCart = errors.New("malformed cart in the session")

func cartOf(session *django.Session) (Cart, error) {
	cart, err := django.Value(session, "cart", Cart{})
	if err != nil {
		err = fmt.Errorf("%w: %w", errCart, err)
	}
	return cart, err
}
