package main

import (
	"os"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/wirews/wirews/cmd/internal/exit"
)

func TestTheDocumentationIsWhatHelpSays(t *testing.T) {
	status, want, stderr := run(t, "docs")
	if status != 0 || stderr != "" {
		t.Fatalf("status %d, stderr %q", status, stderr)
	}
	got, err := os.ReadFile("../../docs/command.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("docs/command.md is not what the commands say: run go generate ./wirews in cmd")
	}
}

func TestTheManPageHasEveryCommand(t *testing.T) {
	status, page, stderr := run(t, "docs", "--format", "man")
	if status != 0 || stderr != "" || !strings.Contains(page, `.TH "WIREWS" "1"`) {
		t.Errorf("status %d, stderr %q, page %.80q", status, stderr, page)
	}
	for _, section := range []string{".SH NAME", ".SH WIREWS CONNECT", ".SH WIREWS SERVE", ".SS EXAMPLE", "shutdown-timeout"} {
		if !strings.Contains(page, section) {
			t.Errorf("%q is missing", section)
		}
	}
}

func TestEveryShellHasACompletion(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if status, script, stderr := run(t, "completion", shell); status != 0 || !strings.Contains(script, "wirews") || stderr != "" {
			t.Errorf("%s: status %d, %d bytes, stderr %q", shell, status, len(script), stderr)
		}
	}
	for typed, want := range map[string]string{
		"co":              "connect\t",
		"connect --clo":   "--close-timeout\t",
		"docs --format m": "man\n",
	} {
		status, out, _ := run(t, append([]string{"__complete"}, strings.Fields(typed)...)...)
		if status != 0 || !strings.Contains(out, want) {
			t.Errorf("%q: status %d with %q, want %q in it", typed, status, out, want)
		}
	}
}

func TestTheVersionSaysWhatItWasBuiltWith(t *testing.T) {
	for _, args := range [][]string{{"version"}, {"--version"}} {
		status, out, stderr := run(t, args...)
		if status != 0 || stderr != "" || !strings.HasPrefix(out, "wirews version ") || !strings.Contains(out, " go1.") || strings.Count(out, "\n") != 1 {
			t.Errorf("%q: status %d with %q and %q", args, status, out, stderr)
		}
	}
}

func TestEveryCommandHasExamplesAndItsStatuses(t *testing.T) {
	for _, cmd := range documented(rootCommand()) {
		if cmd.Example == "" {
			t.Errorf("%s has no example", cmd.CommandPath())
		}
		for line := range strings.Lines(cmd.Long) {
			if strings.HasPrefix(line, "  ") {
				continue // a table, or what is to be copied
			}
			if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 90 {
				t.Errorf("%s: a line of the help has %d columns: %q", cmd.CommandPath(), n, line)
			}
		}
		switch cmd.Name() {
		case "wirews", "connect", "pipe", "serve", "bench", "conform":
			if !strings.Contains(cmd.Long, exit.Statuses) {
				t.Errorf("%s does not explain its statuses", cmd.CommandPath())
			}
		}
	}
}

// The library adds flags of its own, and completion does not know what they stand for.
func TestEveryFlagSaysWhatItIsFor(t *testing.T) {
	for _, cmd := range documented(rootCommand()) {
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Usage == "" || f.Name != "help" && strings.HasSuffix(f.Usage, ".") {
				t.Errorf("%s --%s: %q", cmd.CommandPath(), f.Name, f.Usage)
			}
		})
	}
}
