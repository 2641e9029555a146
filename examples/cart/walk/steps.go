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
}

var steps = []step{
	{"open the cart for the first time", see("/cart/"), "Go's cart: nobody logged in, cart empty"},
	{"add coffee in Go, not logged in", send("/cart/add", "sku", "coffee"), "Go's cart: nobody logged in, cart coffee×1, written by Go, in a new session"},
	{"see it in Django", see("/"), "Django's products: nobody logged in, cart coffee×1, written by Go"},
	{"ask Go for the account", see("/account/"), "Go's login page: nobody logged in"},
	{"log in with a wrong password", send("/login/", "username", username, "password", password+"!"), "Go's login page: nobody logged in, “The user name or the password is wrong.”"},
	{"log in, and be led to the account", send("/login/", "username", username, "password", password), "Go's account page: demo logged in, under a new key"},
	{"see the login and the cart in Django", see("/"), "Django's products: demo logged in, cart coffee×1, written by Go"},
	{"see the login in Django's admin", see("/admin/"), "Django's admin: demo logged in"},
	{"try the key from before the login", tryEndedKey, "nothing, in Go and in Django"},
	{"send forms from before the login", sendEarlyForms, "403 from both; Django's products: demo logged in, cart coffee×1, written by Go"},
	{"ask Go for a page that is not there", see("/cart/nothing"), "Go's error page: 404"},
	{"ask Django for a page that is not there", see("/nothing"), "Django's error page: 404"},
	{"open the cart", see("/cart/"), "Go's cart: demo logged in, cart coffee×1, written by Go"},
	{"add tea in Go", send("/cart/add", "sku", "tea"), "Go's cart: demo logged in, cart coffee×1 tea×1, written by Go"},
	{"see it in Django", see("/"), "Django's products: demo logged in, cart coffee×1 tea×1, written by Go"},
	{"add a mug in Django", send("/shop/cart/add/", "sku", "mug"), "Django's products: demo logged in, cart coffee×1 tea×1 mug×1, written by Django"},
	{"add more coffee in Django", send("/shop/cart/add/", "sku", "coffee"), "Django's products: demo logged in, cart coffee×2 tea×1 mug×1, written by Django"},
	{"see both in Go, in this order", see("/cart/"), "Go's cart: demo logged in, cart coffee×2 tea×1 mug×1, written by Django"},
	{"remove the coffee in Go", send("/cart/remove", "sku", "coffee"), "Go's cart: demo logged in, cart tea×1 mug×1, written by Go"},
	{"see it gone in Django", see("/"), "Django's products: demo logged in, cart tea×1 mug×1, written by Go"},
	{"remove the tea in Django", send("/shop/cart/remove/", "sku", "tea"), "Django's products: demo logged in, cart mug×1, written by Django"},
	{"see it gone in Go", see("/cart/"), "Go's cart: demo logged in, cart mug×1, written by Django"},
	{"send forged forms", forge, "403 from both; Go's cart: demo logged in, cart mug×1, written by Django"},
	{"order by Go's form, which goes to Django", send("/shop/order/"), "Django's products: demo logged in, cart empty"},
	{"add filters in Django", send("/shop/cart/add/", "sku", "filters"), "Django's products: demo logged in, cart filters×1, written by Django"},

	{"2nd browser: open a login that leads elsewhere", see("/login/?next=//other.example/"), "Go's login page: nobody logged in"},
	{"2nd browser: log in, and be led to the products", send("/login/", "username", username, "password", password), "Django's products: demo logged in, cart empty, in a new session"},
	{"2nd browser: add tea in Django", send("/shop/cart/add/", "sku", "tea"), "Django's products: demo logged in, cart tea×1, written by Django"},
	{"open the account", see("/account/"), "Go's account page: demo logged in"},
	{"be led to Django's password page", follow("/password/"), "Django's password page: demo logged in"},
	{"change the password in Django", send("/password/", "old_password", password, "new_password1", newPassword, "new_password2", newPassword), "Go's account page: demo logged in, under a new key"},
	{"see the login kept in Go's cart", see("/cart/"), "Go's cart: demo logged in, cart filters×1, written by Django"},
	{"see it kept in Django's admin", see("/admin/"), "Django's admin: demo logged in"},
	{"try the key from before the change", tryEndedKey, "nothing, in Go and in Django"},
	{"2nd browser: see nobody in Go", see("/cart/"), "Go's cart: nobody logged in, cart empty, the cookie is gone"},
	{"2nd browser: try its key", tryEndedKey, "nothing, in Go and in Django"},
	{"2nd browser: ask for Django's password page", see("/password/"), "Go's login page: nobody logged in"},
	{"2nd browser: log in, new password, and be led back", send("/login/", "username", username, "password", newPassword), "Django's password page: demo logged in, in a new session"},
	{"open Django's products", see("/"), "Django's products: demo logged in, cart filters×1, written by Django"},
	{"log out by Django's form, which goes to Go", send("/logout/"), "Django's products: nobody logged in, cart empty, the cookie is gone"},
	{"see nobody and no cart in Go", see("/cart/"), "Go's cart: nobody logged in, cart empty"},
	{"ask for Django's admin", see("/admin/"), "Go's login page: nobody logged in"},
	{"try the key from before the logout", tryEndedKey, "nothing, in Go and in Django"},
	{"2nd browser: still logged in", see("/cart/"), "Go's cart: demo logged in, cart empty"},
	{"2nd browser: log out by Go's form", send("/logout/"), "Django's products: nobody logged in, cart empty, the cookie is gone"},
	{"2nd browser: try its key", tryEndedKey, "nothing, in Go and in Django"},
}
