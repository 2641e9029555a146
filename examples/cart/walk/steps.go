package main

// The demo's user, whom shop/prepare.py makes.
const (
	username    = "demo"
	password    = "demo-shop"
	newPassword = "demo-shop-changed"
)

// step is what a visitor does, and what they have to see.
type step struct {
	name string
	do   action
	want string
	with variant // what is different with signed_cookies
}

// variant is what is different in a step with the engine signed_cookies, in which the
// cookie is the session: each save makes a new one, and the old ones stay valid.
type variant struct {
	saves bool   // the session is saved under a new key, which else it keeps
	want  string // instead of step.want
}

var saves = variant{saves: true}

const signedCookies = "signed_cookies"

// wanted returns what the visitor has to see if sessions are kept by this engine.
func (s step) wanted(engine string) string {
	switch {
	case engine != signedCookies:
		return s.want
	case s.with.saves:
		return s.want + ", under a new key"
	case s.with.want != "":
		return s.with.want
	}
	return s.want
}

var steps = []step{
	{"open the cart for the first time", see("/cart/"), "Go's cart: nobody logged in, cart empty", variant{}},
	{"add coffee in Go, not logged in", send("/cart/add", "sku", "coffee"), "Go's cart: nobody logged in, cart coffee×1, written by Go, in a new session", variant{}},
	{"see it in Django", see("/"), "Django's products: nobody logged in, cart coffee×1, written by Go", variant{}},
	{"ask Go for the account", see("/account/"), "Go's login page: nobody logged in", variant{}},
	{"log in with a wrong password", send("/login/", "username", username, "password", password+"!"), "Go's login page: nobody logged in, “The user name or the password is wrong.”", variant{}},
	{"log in, and be led to the account", send("/login/", "username", username, "password", password), "Go's account page: demo logged in, under a new key", variant{}},
	{"see the login and the cart in Django", see("/"), "Django's products: demo logged in, cart coffee×1, written by Go", variant{}},
	{"see the login in Django's admin", see("/admin/"), "Django's admin: demo logged in", variant{}},
	{"try the key from before the login", tryEndedKey, "nothing, in Go and in Django", variant{want: "Go's cart: nobody logged in, cart coffee×1, written by Go; Django's products: nobody logged in, cart coffee×1, written by Go"}},
	{"send forms from before the login", sendEarlyForms, "403 from both; Django's products: demo logged in, cart coffee×1, written by Go", variant{}},
	{"ask Go for a page that is not there", see("/cart/nothing"), "Go's error page: 404", variant{}},
	{"ask Django for a page that is not there", see("/nothing"), "Django's error page: 404", variant{}},
	{"open the cart", see("/cart/"), "Go's cart: demo logged in, cart coffee×1, written by Go", variant{}},
	{"add tea in Go", send("/cart/add", "sku", "tea"), "Go's cart: demo logged in, cart coffee×1 tea×1, written by Go", saves},
	{"see it in Django", see("/"), "Django's products: demo logged in, cart coffee×1 tea×1, written by Go", variant{}},
	{"add a mug in Django", send("/shop/cart/add/", "sku", "mug"), "Django's products: demo logged in, cart coffee×1 tea×1 mug×1, written by Django", saves},
	{"add more coffee in Django", send("/shop/cart/add/", "sku", "coffee"), "Django's products: demo logged in, cart coffee×2 tea×1 mug×1, written by Django", saves},
	{"see both in Go, in this order", see("/cart/"), "Go's cart: demo logged in, cart coffee×2 tea×1 mug×1, written by Django", variant{}},
	{"remove the coffee in Go", send("/cart/remove", "sku", "coffee"), "Go's cart: demo logged in, cart tea×1 mug×1, written by Go", saves},
	{"see it gone in Django", see("/"), "Django's products: demo logged in, cart tea×1 mug×1, written by Go", variant{}},
	{"remove the tea in Django", send("/shop/cart/remove/", "sku", "tea"), "Django's products: demo logged in, cart mug×1, written by Django", saves},
	{"see it gone in Go", see("/cart/"), "Go's cart: demo logged in, cart mug×1, written by Django", variant{}},
	{"send forged forms", forge, "403 from both; Go's cart: demo logged in, cart mug×1, written by Django", variant{}},
	{"order by Go's form, which goes to Django", send("/shop/order/"), "Django's products: demo logged in, cart empty", saves},
	{"add filters in Django", send("/shop/cart/add/", "sku", "filters"), "Django's products: demo logged in, cart filters×1, written by Django", saves},

	{"2nd browser: open a login that leads elsewhere", see("/login/?next=//other.example/"), "Go's login page: nobody logged in", variant{}},
	{"2nd browser: log in, and be led to the products", send("/login/", "username", username, "password", password), "Django's products: demo logged in, cart empty, in a new session", variant{}},
	{"2nd browser: add tea in Django", send("/shop/cart/add/", "sku", "tea"), "Django's products: demo logged in, cart tea×1, written by Django", saves},
	{"open the account", see("/account/"), "Go's account page: demo logged in", variant{}},
	{"be led to Django's password page", follow("/password/"), "Django's password page: demo logged in", variant{}},
	{"change the password in Django", send("/password/", "old_password", password, "new_password1", newPassword, "new_password2", newPassword), "Go's account page: demo logged in, under a new key", variant{}},
	{"see the login kept in Go's cart", see("/cart/"), "Go's cart: demo logged in, cart filters×1, written by Django", variant{}},
	{"see it kept in Django's admin", see("/admin/"), "Django's admin: demo logged in", variant{}},
	{"try the key from before the change", tryEndedKey, "nothing, in Go and in Django", variant{}},
	{"2nd browser: see nobody in Go", see("/cart/"), "Go's cart: nobody logged in, cart empty, the cookie is gone", variant{}},
	{"2nd browser: try its key", tryEndedKey, "nothing, in Go and in Django", variant{}},
	{"2nd browser: ask for Django's password page", see("/password/"), "Go's login page: nobody logged in", variant{}},
	{"2nd browser: log in, new password, and be led back", send("/login/", "username", username, "password", newPassword), "Django's password page: demo logged in, in a new session", variant{}},
	{"open Django's products", see("/"), "Django's products: demo logged in, cart filters×1, written by Django", variant{}},
	{"log out by Django's form, which goes to Go", send("/logout/"), "Django's products: nobody logged in, cart empty, the cookie is gone", variant{}},
	{"see nobody and no cart in Go", see("/cart/"), "Go's cart: nobody logged in, cart empty", variant{}},
	{"ask for Django's admin", see("/admin/"), "Go's login page: nobody logged in", variant{}},
	{"try the key from before the logout", tryEndedKey, "nothing, in Go and in Django", variant{want: "Go's cart: demo logged in, cart filters×1, written by Django; Django's products: demo logged in, cart filters×1, written by Django"}},
	{"2nd browser: still logged in", see("/cart/"), "Go's cart: demo logged in, cart empty", variant{}},
	{"2nd browser: log out by Go's form", send("/logout/"), "Django's products: nobody logged in, cart empty, the cookie is gone", variant{}},
	{"2nd browser: try its key", tryEndedKey, "nothing, in Go and in Django", variant{want: "Go's cart: demo logged in, cart empty; Django's products: demo logged in, cart empty"}},
}
