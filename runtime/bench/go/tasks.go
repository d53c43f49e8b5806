package main

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// ---- spawning ----

func sendOnce(ch chan int32, joined *sync.WaitGroup, value int32) {
	ch <- value
	joined.Done()
}

const spawnRound = 1000

var _ = row("spawn_send_join", func(n int) {
	var joined sync.WaitGroup

	ch := make(chan int32)
	for round := 0; round < n/spawnRound; round++ {
		for i := 0; i < spawnRound; i++ {
			joined.Add(1)
			go sendOnce(ch, &joined, int32(i))
		}
		for i := 0; i < spawnRound; i++ {
			<-ch
		}
		joined.Wait()
	}
})

var _ = row("spawn_wait", func(n int) {
	var joined sync.WaitGroup

	for i := 0; i < n; i++ {
		joined.Add(1)
		go joined.Done()
	}
	joined.Wait()
})

// ---- a tree ----

const children = 10

func skynet(out chan uint64, number, leaves int) {
	if leaves == 1 {
		out <- uint64(number)
		return
	}
	sums := make(chan uint64)
	for i := 0; i < children; i++ {
		go skynet(sums, number+i*(leaves/children), leaves/children)
	}
	var sum uint64
	for i := 0; i < children; i++ {
		sum += <-sums
	}
	out <- sum
}

var _ = row("tree", func(n int) {
	ch := make(chan uint64)

	go skynet(ch, 0, n)
	if <-ch != uint64(n)*uint64(n-1)/2 {
		panic("wrong sum")
	}
})

// ---- prime sieve ----

func generate(out chan int32) {
	for i := int32(2); ; i++ {
		out <- i
	}
}

func filter(in, out chan int32, prime int32) {
	for i := range in {
		if i%prime != 0 {
			out <- i
		}
	}
}

var _ = row("sieve", func(n int) {
	ch := make(chan int32)

	go generate(ch)
	for i := 0; i < n; i++ {
		prime := <-ch
		next := make(chan int32)
		go filter(ch, next, prime)
		ch = next
	}
})

// ---- many at once ----

const naps = 5

func sleeper(start chan struct{}, joined *sync.WaitGroup, duration time.Duration) {
	<-start
	for i := 0; i < naps; i++ {
		time.Sleep(duration)
	}
	joined.Done()
}

var _ = row("sleepers", func(n int) {
	var joined sync.WaitGroup

	start := make(chan struct{})
	joined.Add(n)
	for i := 0; i < n; i++ {
		go sleeper(start, &joined,
			time.Millisecond+time.Duration(i*7919%1000)*10*time.Microsecond)
	}
	close(start)
	joined.Wait()
})

var arrived int64

func waitForEver(never chan struct{}) {
	atomic.AddInt64(&arrived, 1)
	<-never
}

var _ = row("memory", func(n int) {
	never := make(chan struct{})
	before := resident()

	for i := 0; i < n; i++ {
		go waitForEver(never)
	}
	for atomic.LoadInt64(&arrived) < int64(n) {
		runtime.Gosched()
	}
	time.Sleep(10 * time.Millisecond)
	value = (resident() - before) / float64(n)
})
