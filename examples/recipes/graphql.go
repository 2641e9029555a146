package recipes

import (
	"context"
	"net/http"

	"github.com/graph-gophers/graphql-go"
	"github.com/graph-gophers/graphql-go/relay"

	"github.com/djsession/djsession/django"
)

const schema = `
type Query {
	# The user's name; null if nobody is logged in.
	me: String
	cart: [String!]!
}
type Mutation {
	addToCart(sku: String!): [String!]!
}`

// GraphQL serves the schema. Its resolvers have the request's session and user from their
// context.
func GraphQL(site *Site) http.Handler {
	queries := &relay.Handler{Schema: graphql.MustParseSchema(schema, &resolver{site})}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Before any resolver: GraphQL would answer an error with 200 and its text.
		if _, err := site.Logins.User(r); err != nil {
			site.Sessions.HandleError(w, r, err)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
		queries.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestOf{}, r)))
	})
}

// requestOf is the context's key of the request, for UpdateRequest.
type requestOf struct{}

type resolver struct{ site *Site }

func (q *resolver) Me(ctx context.Context) (*string, error) {
	user, err := q.site.Logins.FromContext(ctx)
	if err != nil || !user.IsAuthenticated() {
		return nil, err
	}
	return &user.Username, nil
}

func (q *resolver) Cart(ctx context.Context) ([]string, error) {
	session, err := q.site.Sessions.FromContext(ctx)
	if err != nil {
		return nil, err
	}
	return django.Value(session, "cart", []string{})
}

// AddToCart loses nothing if several requests of one visitor add to the cart at once. The
// mutations of one request run one after another.
func (q *resolver) AddToCart(ctx context.Context, args struct{ SKU string }) ([]string, error) {
	r := ctx.Value(requestOf{}).(*http.Request)
	var cart []string
	err := q.site.Sessions.UpdateRequest(r, func(s *django.Session) (err error) {
		if cart, err = django.Value(s, "cart", []string{}); err != nil {
			return err
		}
		cart = append(cart, args.SKU)
		return s.Set("cart", cart)
	})
	return cart, err
}
