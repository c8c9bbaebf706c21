package main

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

//go:generate sh -c "go run . docs > ../../docs/command.md"

// docsCommand prints the documentation of all commands, which is made of what
// --help says.
func docsCommand() *cobra.Command {
	form := "markdown"
	cmd := &cobra.Command{
		Use:   "docs",
		Short: "Print the documentation of all commands, in Markdown or as a man page",
		Example: `  wirews docs > command.md
  wirews docs --format man > wirews.1
  wirews docs --format man | man -l -`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			page, err := documentation(cmd.Root(), form)
			if err != nil {
				return err
			}
			_, err = cmd.OutOrStdout().Write(page)
			return err
		},
	}
	cmd.Flags().StringVar(&form, "format", form, "`form` to print: markdown or man")
	cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"markdown", "man"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// documentation returns one page about root and its commands.
func documentation(root *cobra.Command, form string) ([]byte, error) {
	var page bytes.Buffer
	for i, cmd := range documented(root) {
		cmd.DisableAutoGenTag = true // the page is not to change with the day
		var err error
		switch form {
		case "markdown":
			err = doc.GenMarkdownCustom(cmd, &page, anchor)
		case "man":
			err = writeMan(&page, cmd, i > 0)
		default:
			err = fmt.Errorf("--format %q is neither markdown nor man", form)
		}
		if err != nil {
			return nil, err
		}
	}
	// What is left out has no place on the page for a link to lead to.
	text := bytes.ReplaceAll(page.Bytes(), []byte("[wirews completion](#wirews-completion)"), []byte("wirews completion"))
	return append(bytes.TrimRight(text, "\n"), '\n'), nil
}

// documented returns root and its commands, but for those that cobra adds for
// the completion of each shell, which say themselves how they are used.
func documented(root *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{root}
	for _, cmd := range root.Commands() {
		if cmd.IsAvailableCommand() && cmd.Name() != "help" && cmd.Name() != "completion" {
			all = append(all, cmd)
			all = append(all, cmd.Commands()...)
		}
	}
	return all
}

// anchor turns the name of the file that a link goes to into a place on the
// page: wirews_serve.md becomes #wirews-serve.
func anchor(file string) string {
	return "#" + strings.ReplaceAll(strings.TrimSuffix(file, ".md"), "_", "-")
}

// writeMan writes the man page of cmd, or as much of it as is a part of the page
// of the root: its sections are subsections then.
func writeMan(page *bytes.Buffer, cmd *cobra.Command, part bool) error {
	var own bytes.Buffer
	header := doc.GenManHeader{Title: "WIREWS", Section: "1", Source: "wirews", Manual: "wirews"}
	if err := doc.GenMan(cmd, &header, &own); err != nil {
		return err
	}
	text, _, _ := strings.Cut(own.String(), "\n.SH SEE ALSO\n")
	if part {
		_, text, _ = strings.Cut(text, "\n.SH SYNOPSIS\n")
		text = fmt.Sprintf("\n.SH %s\n.SS SYNOPSIS\n%s", strings.ToUpper(cmd.CommandPath()), strings.ReplaceAll(text, "\n.SH ", "\n.SS "))
	}
	page.WriteString(text)
	return nil
}
