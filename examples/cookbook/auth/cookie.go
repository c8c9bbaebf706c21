package main

import (
	"net/http"

	"github.com/wirews/wirews/websocket"
)

const session = "session"

// login sets the cookie. Where it is served over TLS, Secure belongs to it too.
func (u Users) login(w http.ResponseWriter, r *http.Request) {
	token := r.FormValue("token")
	if u[token] == "" {
		http.Error(w, "no such token", http.StatusUnauthorized)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: session, Value: token, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

// byCookie is for browsers, which send the cookie with the handshake.
func (u Users) byCookie(r *http.Request) string {
	cookie, err := r.Cookie(session)
	if err != nil {
		return ""
	}
	return u[cookie.Value]
}

// loggedOut is an application's own close code.
const loggedOut websocket.StatusCode = 4001

// logout ends the connections of a user, too.
func logout(s *websocket.Server) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: session, Path: "/", MaxAge: -1})
		for c := range s.Find(userOf(r.Context())) {
			c.CloseLater(loggedOut, "logged out")
		}
	})
}
