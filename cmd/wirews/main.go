// Command wirews is a tool box for WebSocket (RFC 6455).
//
// "wirews serve" serves a web page, an echo, the time and a chat; "wirews
// connect" talks with a server, by hand or by a script; "wirews conform" judges
// servers and clients; "wirews bench" loads a server and measures; "wirews attack"
// does to one what its enemies would.
package main

import (
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wirews/wirews/cmd/internal/exit"
	"github.com/wirews/wirews/cmd/internal/plain"
)

func main() {
	root := rootCommand()
	if err := root.Execute(); err != nil {
		// It may have in it what a peer has sent, whose lines are not to look like
		// ours.
		root.PrintErrln("wirews:", strings.ReplaceAll(plain.Text(err.Error()), "\n", "\n  "))
		os.Exit(int(exit.Of(err)))
	}
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "wirews",
		Short: "A tool box for WebSocket (RFC 6455)",
		Long: `A tool box for WebSocket (RFC 6455): talk with a server, be one, bridge, load and
test. What goes wrong is said on stderr, beginning with what can be done about it.
All commands end with the same statuses:

` + exit.Statuses + `

NO_COLOR and TERM=dumb switch colours off. Completion for a shell: wirews completion
bash, zsh, fish or powershell, each of which says with --help where it goes.`,
		Example: `  wirews serve
  wirews connect ws://localhost:8080/echo
  wirews pipe tcp-listen:localhost:2222 wss://example.com/ssh
  wirews bench ws://localhost:8080/echo
  wirews conform ws://localhost:8080/echo`,
		Version:       build(),
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(serveCommand())
	root.AddCommand(connectCommand())
	root.AddCommand(pipeCommand())
	root.AddCommand(conformCommand())
	root.AddCommand(benchCommand())
	root.AddCommand(attackCommand())
	root.AddCommand(versionCommand())
	root.AddCommand(docsCommand())
	return root
}
