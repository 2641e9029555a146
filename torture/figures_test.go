package torture

import (
	"fmt"
	"strconv"
	"time"
)

// share formats n of all.
func share(n, all int) string {
	if all == 0 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s of %s", thousands(n), thousands(all))
}

// percentage formats n of all with the percentage.
func percentage(n, all int) string {
	if all == 0 {
		return share(n, all)
	}
	return fmt.Sprintf("%s (%.1f %%)", share(n, all), 100*float64(n)/float64(all))
}

// thousands writes 12345 as 12,345.
func thousands(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// perSecond formats n in some time as so many a second.
func perSecond(n int, lasting time.Duration) string {
	return thousands(int(float64(n) / lasting.Seconds()))
}

// quantile returns the duration that the given share does not exceed.
func quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[int(q*float64(len(sorted)-1))]
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
}
