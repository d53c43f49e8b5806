// The rows of the runtime's benchmark in Go: the twins of ../*.c, one for one.
//
// bench_runtime_go ROW N prints nanoseconds (or bytes) per item, measured as in
// ../bench.c: the clock is the monotonic one, and the row runs in the main goroutine.
package main

import (
	"fmt"
	"os"
	"strconv"
	"time"
)

var rows = map[string]func(n int){}

// A row that measures something else than its time says what, per item.
var value float64

func row(name string, run func(n int)) bool {
	rows[name] = run
	return true
}

func resident() float64 {
	var total, pages int

	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		panic(err)
	}
	fmt.Sscan(string(text), &total, &pages)
	return float64(pages) * float64(os.Getpagesize())
}

func main() {
	var run func(n int)
	var n int

	if len(os.Args) == 3 {
		run = rows[os.Args[1]]
		n, _ = strconv.Atoi(os.Args[2])
	}
	if run == nil || n <= 0 {
		fmt.Fprintf(os.Stderr, "usage: %s ROW N\n", os.Args[0])
		os.Exit(2)
	}
	start := time.Now()
	run(n)
	if value == 0 {
		value = float64(time.Since(start).Nanoseconds()) / float64(n)
	}
	fmt.Printf("%.4f\n", value)
}
