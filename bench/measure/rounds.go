package measure

import (
	"context"
	"fmt"
	"runtime"
	"syscall"
	"time"
)

// Way is one way to do something.
type Way struct {
	Name string
	// Do does it n times and returns the processor time that took.
	Do func(n int) (time.Duration, error)
}

// InProcess is a Way in this process: do does it once. Its time includes what the garbage
// collector uses meanwhile.
func InProcess(name string, do func() error) Way {
	return Way{name, func(n int) (time.Duration, error) {
		runtime.GC() // the garbage of the others
		if err := do(); err != nil {
			return 0, fmt.Errorf("%s: %w", name, err)
		}
		start := ProcessorTime()
		for range n {
			if err := do(); err != nil {
				return 0, fmt.Errorf("%s: %w", name, err)
			}
		}
		return ProcessorTime() - start, nil
	}}
}

// ProcessorTime returns the time that all threads of this process have used.
func ProcessorTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err) // it cannot fail with these arguments
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// Interleave measures the ways in rounds that take turns. A round of one way takes about as
// long as lasting. The variants are in microseconds each time.
func Interleave(ctx context.Context, rounds int, lasting time.Duration, ways ...Way) ([]Variant, error) {
	variants, times := make([]Variant, len(ways)), make([]int, len(ways))
	for i, way := range ways {
		variants[i].Name = way.Name
		var err error
		if times[i], err = calibrate(way, lasting); err != nil {
			return nil, err
		}
	}
	for round := range rounds {
		for turn := range ways {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			i := (round + turn) % len(ways) // no way always follows the same one
			took, err := ways[i].Do(times[i])
			if err != nil {
				return nil, err
			}
			variants[i].Rounds = append(variants[i].Rounds, took.Seconds()*1e6/float64(times[i]))
		}
	}
	return variants, nil
}

// calibrate returns how many times a way can be done in so long a round.
func calibrate(way Way, lasting time.Duration) (int, error) {
	for n := 1; ; n *= 2 {
		took, err := way.Do(n)
		if err != nil {
			return 0, err
		}
		if took >= lasting/4 {
			return max(1, int(float64(n)*float64(lasting)/float64(took))), nil
		}
	}
}

// Rounds returns the number of rounds and how long each lasts.
func (e *Env) Rounds() (rounds int, lasting time.Duration) {
	if e.Quick {
		return 3, 200 * time.Microsecond
	}
	return 15, 60 * time.Millisecond
}
