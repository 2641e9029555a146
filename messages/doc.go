// Package messages shares flash messages with a Django site, as its
// django.contrib.messages keeps them: one that Go adds is shown by Django's next page, and
// one that Django adds by Go's.
//
//	flash, err := messages.New(sessions)
//	handler := sessions.Middleware(flash.Middleware(mux)) // the order of MIDDLEWARE
//
//	err := flash.Success(r, "The tea is in your cart.") // messages.success(request, …)
//	list, err := flash.Get(r)                           // {% for message in messages %}
//
// Messages are kept where MESSAGE_STORAGE says: in the cookie "messages", in the session,
// or, by default, in the cookie with the session for what does not fit. Get marks them as
// read; those that nobody read stay for the next page. A request that neither adds nor
// gets messages loads no session and sets no cookie.
//
// What is stored follows Settings.DjangoVersion. Intended differences from Django are in
// docs/messages.md.
package messages
