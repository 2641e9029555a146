package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/djsession/djsession/bench/codec"
	"github.com/djsession/djsession/bench/measure"
	"github.com/djsession/djsession/bench/report"
	"github.com/djsession/djsession/bench/requests"
	"github.com/djsession/djsession/bench/rows"
	"github.com/djsession/djsession/internal/testenv"
)

// suites run in this order.
var suites = []struct {
	name string
	run  measure.Suite
}{
	{"codec", codec.Suite},
	{"requests", requests.Suite},
	{"rows", rows.Suite},
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "serve" { // a server of the suite "requests"
		if err := requests.Serve(os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run is the program. The error is nil if everything was measured, whether goals are met
// or not, unless -require is given.
func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	var (
		quick   = flags.Bool("quick", false, "check that everything runs: rounds of a fraction of a second")
		names   = flags.String("suite", strings.Join(suiteNames(), ","), "the suites to run, separated by commas")
		write   = flags.Bool("write", false, "write the results into the directory of -docs")
		docs    = flags.String("docs", "../docs", "the directory of benchmarks.md, benchmarks.json and benchmarks.svg")
		require = flags.Bool("require", false, "a goal that is not met is an error")
	)
	if err := flags.Parse(args); err != nil {
		return err
	}
	chosen := strings.Split(*names, ",")
	for _, name := range chosen {
		if !slices.Contains(suiteNames(), name) {
			return fmt.Errorf("there is no suite %q, only %s", name, strings.Join(suiteNames(), ", "))
		}
	}
	django, err := findDjango()
	if err != nil {
		return err
	}
	results := report.Results{Date: time.Now().UTC().Truncate(time.Second), Quick: *quick, Machine: report.ReadMachine(ctx, django)}
	for _, suite := range suites {
		if !slices.Contains(chosen, suite.name) {
			continue
		}
		rows, err := runSuite(ctx, suite.run, &measure.Env{Django: django, Quick: *quick, Versions: results.Machine.Versions})
		if err != nil {
			return fmt.Errorf("%s: %w", suite.name, err)
		}
		if err := results.Add(rows); err != nil {
			return err
		}
		for _, row := range rows {
			fmt.Fprint(out, report.Text(row))
		}
	}
	results.Took = time.Since(results.Date).Round(time.Second).String()
	met, missed := results.Verdicts()
	fmt.Fprintf(out, "\n%d goals met, %d not met, in %s\n", met, missed, results.Took)
	if *write {
		if err := report.Write(*docs, results); err != nil {
			return err
		}
	}
	if *require && missed > 0 {
		return fmt.Errorf("%d goals are not met", missed)
	}
	return nil
}

func suiteNames() (names []string) {
	for _, s := range suites {
		names = append(names, s.name)
	}
	return names
}

// runSuite runs a suite in a directory of its own.
func runSuite(ctx context.Context, suite measure.Suite, env *measure.Env) (rows []measure.Row, err error) {
	if env.Dir, err = os.MkdirTemp("", "djsession-bench-"); err != nil {
		return nil, err
	}
	defer os.RemoveAll(env.Dir)
	env.Log = func(format string, args ...any) { fmt.Fprintf(os.Stderr, "bench: "+format+"\n", args...) }
	return suite(ctx, env)
}

func findDjango() (testenv.Django, error) {
	djangos, err := testenv.ReadDjangos()
	for _, d := range djangos {
		switch {
		case d.Name != measure.DjangoSeries:
		case d.Missing != "":
			return d, fmt.Errorf("%v is missing: %s", d, d.Missing)
		default:
			return d, nil
		}
	}
	return testenv.Django{}, errors.Join(err, fmt.Errorf("there is no Django %s: run tools/setup", measure.DjangoSeries))
}
