package main

import "context"

// A package variable that takes the counters' last values: the compiler removes no
// loops, and with this one it cannot take the counter for unused either.
var sink int

func countTo(n int) {
	i := 0
	for i != n {
		i++
	}
	sink = i
}

func selecting(parent chan struct{}, n int) {
	i := 0
	for i != n {
		select {
		case <-parent:
			return
		default:
		}
		i++
	}
	sink = i
}

var _ = row("selecting", func(n int) { selecting(make(chan struct{}), n) })

var _ = row("leaky_async", func(n int) {
	parent := make(chan struct{})

	go func(c <-chan struct{}) { <-c }(parent)
	countTo(n)
})

var _ = row("context_async", func(n int) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()

	go func(ctx context.Context) { <-ctx.Done() }(ctx)
	countTo(n)
})
