// Command auth has the ways in which a client says who it is: by a cookie, by a
// token in a header, by one among the subprotocols, and by its first message. It
// is what docs/cookbook/auth.md shows.
//
//	curl -c cookies -d token=sesame localhost:8080/login
package main

import (
	"context"
	"log"
	"net/http"
	"time"

	"github.com/wirews/wirews/websocket"
)

// Users knows whose a token is.
type Users map[string]string

// userKey is what the user's name is found by in a context.
type userKey struct{}

func userOf(ctx context.Context) string {
	user, _ := ctx.Value(userKey{}).(string)
	return user
}

// require lets in those whom who knows, and answers all others with 401.
func require(who func(*http.Request) string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user := who(r)
		if user == "" {
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), userKey{}, user)))
	})
}

// greet is the application.
func greet(ctx context.Context, c *websocket.Conn, user string) {
	c.Write(ctx, websocket.MessageText, []byte("Hello, "+user))
	for _, err := range c.Messages(ctx) {
		if err != nil {
			return
		}
	}
}

// NewHandler serves all ways in.
func NewHandler(users Users) http.Handler {
	s := &websocket.Server{
		Handler:   func(ctx context.Context, c *websocket.Conn) { greet(ctx, c, userOf(ctx)) },
		Key:       func(r *http.Request) string { return userOf(r.Context()) },
		MaxPerKey: 10,
	}
	s.Options.Subprotocols = []string{"chat"}

	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", users.login)
	mux.Handle("POST /logout", require(users.byCookie, logout(s)))
	mux.Handle("GET /cookie", require(users.byCookie, s))
	mux.Handle("GET /header", require(users.byHeader, s))
	mux.Handle("GET /subprotocol", require(users.bySubprotocol, s))
	mux.HandleFunc("GET /message", users.byMessage)
	return mux
}

func main() {
	h := NewHandler(Users{"sesame": "Ali"})
	s := http.Server{Addr: "localhost:8080", ReadHeaderTimeout: 5 * time.Second, Handler: h}
	log.Fatal(s.ListenAndServe())
}
