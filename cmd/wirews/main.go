// Command wirews is a tool box for WebSocket (RFC 6455).
//
// "wirews serve" serves a web page, an echo, the time and a chat.
package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
)

func main() {
	root := &cobra.Command{
		Use:           "wirews",
		Short:         "A tool box for WebSocket (RFC 6455)",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w; see %s --help", err, cmd.CommandPath())
	})
	root.AddCommand(serveCommand())
	if err := root.Execute(); err != nil {
		root.PrintErrln("wirews:", err)
		os.Exit(1)
	}
}
