// Command routers has an echo within each of the routers that people use, with
// the middleware that comes with them: what they hand out as an
// http.ResponseWriter is wrapped, and websocket.Accept gets along with it.
//
//	routers -router gin
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	chimiddleware "github.com/go-chi/chi/v5/middleware"
	"github.com/gorilla/handlers"
	"github.com/gorilla/mux"
	"github.com/labstack/echo/v4"
	echomiddleware "github.com/labstack/echo/v4/middleware"

	"github.com/wirews/wirews/websocket"
)

// Echo accepts a connection, says which room it is in, and answers each message
// with itself.
func Echo(w http.ResponseWriter, r *http.Request, room string) {
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		return // the client has been told
	}
	defer c.CloseNow()
	ctx := context.Background() // that of the request is the router's to end
	if c.Write(ctx, websocket.MessageText, []byte("welcome to "+room)) != nil {
		return
	}
	c.Serve(ctx, func(ctx context.Context, typ websocket.MessageType, p []byte) error {
		return c.Write(ctx, typ, p)
	})
}

// Routers make the handler of a server, by name. Each logs requests to out, and
// compresses responses if it knows how to.
var Routers = map[string]func(out io.Writer) http.Handler{
	"net/http": func(io.Writer) http.Handler {
		m := http.NewServeMux()
		m.HandleFunc("GET /rooms/{room}", func(w http.ResponseWriter, r *http.Request) { Echo(w, r, r.PathValue("room")) })
		return m
	},
	"chi": func(out io.Writer) http.Handler {
		m := chi.NewRouter()
		m.Use(chimiddleware.RequestLogger(&chimiddleware.DefaultLogFormatter{Logger: log.New(out, "", 0), NoColor: true}))
		m.Use(chimiddleware.Recoverer, chimiddleware.Compress(5))
		m.Get("/rooms/{room}", func(w http.ResponseWriter, r *http.Request) { Echo(w, r, chi.URLParam(r, "room")) })
		return m
	},
	"gorilla": func(out io.Writer) http.Handler {
		m := mux.NewRouter()
		m.HandleFunc("/rooms/{room}", func(w http.ResponseWriter, r *http.Request) { Echo(w, r, mux.Vars(r)["room"]) })
		return handlers.CombinedLoggingHandler(out, handlers.RecoveryHandler()(handlers.CompressHandler(m)))
	},
	"gin": func(out io.Writer) http.Handler {
		gin.SetMode(gin.ReleaseMode)
		m := gin.New()
		m.Use(gin.LoggerWithWriter(out), gin.Recovery())
		m.GET("/rooms/:room", func(c *gin.Context) { Echo(c.Writer, c.Request, c.Param("room")) })
		return m
	},
	"echo": func(out io.Writer) http.Handler {
		m := echo.New()
		m.Use(echomiddleware.RequestLoggerWithConfig(echomiddleware.RequestLoggerConfig{
			LogURI: true, LogStatus: true,
			LogValuesFunc: func(_ echo.Context, v echomiddleware.RequestLoggerValues) error {
				_, err := fmt.Fprintln(out, v.URI, v.Status)
				return err
			},
		}))
		m.Use(echomiddleware.Recover(), echomiddleware.Gzip())
		m.GET("/rooms/:room", func(c echo.Context) error {
			Echo(c.Response(), c.Request(), c.Param("room"))
			return nil
		})
		return m
	},
}

func main() {
	names := strings.Join(slices.Sorted(maps.Keys(Routers)), ", ")
	addr := flag.String("addr", "localhost:8080", "address to listen on")
	name := flag.String("router", "net/http", "one of "+names)
	flag.Parse()
	router := Routers[*name]
	if router == nil {
		log.Fatalf("no router %q; there are %s", *name, names)
	}
	log.Println("ws://" + *addr + "/rooms/lobby")
	s := http.Server{Addr: *addr, ReadHeaderTimeout: 5 * time.Second, Handler: router(log.Writer())}
	log.Fatal(s.ListenAndServe())
}
