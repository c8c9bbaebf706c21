//go:build unix

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// bashCompletion has what completions for bash are made with.
const bashCompletion = "/usr/share/bash-completion/bash_completion"

// shells start each shell on a terminal, without what a user has configured, but with
// the completion that DIR/completion has, and a prompt of "ready> ". Each reads what is
// written into the file rc.
var shells = []struct {
	name, rc, file string
	args           []string
}{
	{"bash", "rc", ". " + bashCompletion + "\n. DIR/completion\nPS1='ready> '\n",
		[]string{"--noprofile", "--rcfile", "DIR/rc", "-i"}},
	{"zsh", ".zshrc", "autoload -Uz compinit\ncompinit -u -D\nsource DIR/completion\nPROMPT='ready> '\n",
		[]string{"-d", "-i"}},
	{"fish", "rc", "source DIR/completion\nfunction fish_prompt; echo -n 'ready> '; end\n",
		[]string{"--no-config", "--init-command", "source DIR/rc", "-i"}},
	{"pwsh", "rc.ps1", ". DIR/completion.ps1\nfunction prompt { 'ready> ' }\n",
		[]string{"-NoLogo", "-NoProfile", "-NoExit", "-File", "DIR/rc.ps1"}},
}

// standIn completes as the command does, and otherwise says what it was called with.
const standIn = `#!/bin/sh
case $1 in
__complete*) %s=1 exec %q "$@" ;;
esac
echo "called with <$*>"
`

// Each shell is typed to, as by a person: "wirews ser", Tab and Enter run wirews serve.
func TestEveryShellCompletesCommandsAndFlags(t *testing.T) {
	for _, shell := range shells {
		t.Run(shell.name, func(t *testing.T) {
			t.Parallel()
			path, err := exec.LookPath(shell.name)
			if err != nil {
				t.Skipf("%s is not installed", shell.name) // Debian has no pwsh
			}
			if _, err := os.Stat(bashCompletion); err != nil && shell.name == "bash" {
				t.Skip("the package bash-completion is not installed")
			}
			dir := t.TempDir()
			inDir := func(text string) string { return strings.ReplaceAll(text, "DIR", dir) }
			language, extension := shell.name, ""
			if shell.name == "pwsh" {
				language, extension = "powershell", ".ps1"
			}
			status, script, stderr := run(t, "completion", language)
			if status != 0 {
				t.Fatalf("status %d: %s", status, stderr)
			}
			for name, text := range map[string]string{
				"completion" + extension: script, shell.rc: inDir(shell.file), "wirews": fmt.Sprintf(standIn, asCommand, os.Args[0]),
			} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			var args []string
			for _, a := range shell.args {
				args = append(args, inDir(a))
			}
			cmd := exec.CommandContext(ctx, path, args...)
			cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), "TERM=xterm", "HOME="+dir, "ZDOTDIR="+dir, "XDG_CONFIG_HOME="+dir, "XDG_DATA_HOME="+dir, "LC_ALL=C")
			s := sitAt(t, cmd, 80)
			for _, c := range [][2]string{{"wirews ser\t\r", "called with <serve>"}, {"wirews bench --no-tak\t\r", "called with <bench --no-takeover>"}} {
				s.sees("ready> ")
				s.types(c[0])
				s.sees(c[1])
			}
			s.sees("ready> ")
			s.types("exit\r")
			s.ends()
		})
	}
}
