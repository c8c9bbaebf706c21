package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/wirews/wirews/cmd/internal/bench"
)

func compareCommand() *cobra.Command {
	var worst float64
	cmd := &cobra.Command{
		Use:   "compare BEFORE.json AFTER.json",
		Short: "Compare two sets of runs: their figures, the spread, and what chance explains",
		Long: `Compare what "wirews bench --json" has printed, before and after a change: the
medians of the runs, how far the runs are from their middle, and whether the two
sets differ by more than chance explains (Mann-Whitney U test, p below 0.05); ~ says
that no difference was found. A file may have several results one after the other:
four or more of each are needed to tell anything from chance.

With --worse the status is 8 if a figure is worse by more than that percentage, and
not by chance.`,
		Example: `  for i in 1 2 3 4 5 6; do wirews bench --json ws://localhost:8080/echo; done > before.json
  wirews bench compare before.json after.json
  wirews bench compare --worse 5 before.json after.json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return fmt.Errorf("give compare two files, not %d; see wirews bench compare --help", len(args))
			}
			return nil
		},
		PreRunE: func(cmd *cobra.Command, _ []string) error { return checkNotNegative(cmd.Flags()) },
		RunE: func(cmd *cobra.Command, args []string) error {
			before, err := readResults(args[0])
			if err != nil {
				return err
			}
			after, err := readResults(args[1])
			if err != nil {
				return err
			}
			return bench.Compare(cmd.OutOrStdout(), before, after, worst)
		},
	}
	cmd.Flags().Float64Var(&worst, "worse", 0, "`percentage` by which a figure may be worse; 0 for any")
	return cmd
}

func readResults(name string) ([]*bench.Result, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	all, err := bench.ReadResults(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return all, nil
}
