package hashers

import (
	"math"
	"strconv"
)

// number reads a positive integer as Django writes it: any other way to write it, which
// Python's int might take, never compares equal. One that is beyond an int is the greatest
// there is.
func number(digits string) (int, error) {
	if digits == "" || digits[0] == '0' {
		return 0, errDamaged
	}
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return 0, errDamaged
		}
	}
	n, err := strconv.Atoi(digits)
	if err != nil {
		n = math.MaxInt
	}
	return n, nil
}
