package main

import "time"

// ---- ping-pong ----

var _ = row("ping_pong", func(n int) {
	there, back := make(chan int32), make(chan int32)

	go func() {
		for i := 0; i < n; i++ {
			back <- <-there
		}
	}()
	for i := 0; i < n; i++ {
		there <- int32(i)
		<-back
	}
})

func receiveTimeout(ch chan int32) int32 {
	timer := time.NewTimer(10 * time.Second)
	defer timer.Stop()

	select {
	case value := <-ch:
		return value
	case <-timer.C:
		panic("timeout")
	}
}

var _ = row("ping_pong_timeout", func(n int) {
	there, back := make(chan int32), make(chan int32)

	go func() {
		for i := 0; i < n; i++ {
			back <- receiveTimeout(there)
		}
	}()
	for i := 0; i < n; i++ {
		there <- int32(i)
		receiveTimeout(back)
	}
})

// ---- streams ----

func produce(ch chan int32, n int) {
	for i := 0; i < n; i++ {
		ch <- int32(i)
	}
}

func consume(ch chan int32, done chan struct{}, n int) {
	for i := 0; i < n; i++ {
		<-ch
	}
	done <- struct{}{}
}

func stream(n, capacity int) {
	ch := make(chan int32, capacity)

	go produce(ch, n)
	for i := 0; i < n; i++ {
		<-ch
	}
}

var _ = row("rendezvous_stream", func(n int) { stream(n, 0) })
var _ = row("buffered_128", func(n int) { stream(n, 128) })

const producers = 4

var _ = row("producers_consumers", func(n int) {
	ch, done := make(chan int32, 64), make(chan struct{})

	for i := 0; i < producers; i++ {
		go produce(ch, n/producers)
		go consume(ch, done, n/producers)
	}
	for i := 0; i < producers; i++ {
		<-done
	}
})

// ---- select ----

var _ = row("poll_1", func(n int) {
	ch := make(chan struct{})

	for i := 0; i < n; i++ {
		select {
		case <-ch:
			panic("received")
		default:
		}
	}
})

var _ = row("poll_2", func(n int) {
	a, b := make(chan struct{}), make(chan struct{})

	for i := 0; i < n; i++ {
		select {
		case <-a:
			panic("received")
		case <-b:
			panic("received")
		default:
		}
	}
})

const selectChannels = 4

var _ = row("select_4", func(n int) {
	var ch [selectChannels]chan int32

	for i := range ch {
		ch[i] = make(chan int32)
		go produce(ch[i], n/selectChannels)
	}
	for i := 0; i < n/selectChannels*selectChannels; i++ {
		select {
		case <-ch[0]:
		case <-ch[1]:
		case <-ch[2]:
		case <-ch[3]:
		}
	}
})
