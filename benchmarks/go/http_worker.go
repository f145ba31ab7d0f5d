// The worker of Go's net/http: see dev.aioli.benchmarks.http.ClientWorker. A goroutine a request, with a buffered
// channel as the semaphore.
package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"sort"
	"sync"
	"syscall"
	"time"
)

const bodyBytes = 300

type load struct {
	client    *http.Client
	mutex     sync.Mutex
	latencies []time.Duration
	failure   error
}

func (l *load) get(url string) {
	begin := time.Now()
	err := l.request(url)
	elapsed := time.Since(begin)
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.latencies = append(l.latencies, elapsed)
	if err != nil {
		l.failure = err
	}
}

func (l *load) request(url string) error {
	response, err := l.client.Get(url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && (response.StatusCode != 200 || len(body) != bodyBytes) {
		err = fmt.Errorf("found status %d and %d bytes", response.StatusCode, len(body))
	}
	return err
}

func cpu() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func measure(url string, inFlight int, limit time.Duration) string {
	transport := &http.Transport{MaxIdleConnsPerHost: inFlight, MaxConnsPerHost: inFlight}
	defer transport.CloseIdleConnections()
	l := &load{client: &http.Client{Transport: transport}}
	semaphore := make(chan struct{}, inFlight)
	var all sync.WaitGroup
	cpuBefore, start := cpu(), time.Now()
	for time.Since(start) < limit {
		semaphore <- struct{}{}
		all.Add(1)
		go func() {
			l.get(url)
			<-semaphore
			all.Done()
		}()
	}
	all.Wait()
	nanos, used := time.Since(start), cpu()-cpuBefore
	if l.failure != nil {
		return fmt.Sprintf(`{"error": %q}`, l.failure.Error())
	}
	sort.Slice(l.latencies, func(i, j int) bool { return l.latencies[i] < l.latencies[j] })
	count := len(l.latencies)
	return fmt.Sprintf(`{"requests": %d, "nanos": %d, "cpu_nanos": %d, "p50_nanos": %d, "p99_nanos": %d}`,
		count, nanos, used, l.latencies[count/2], l.latencies[count*99/100])
}

func main() {
	fmt.Printf("{\"ready\": %q}\n", runtime.Version())
	requests := bufio.NewScanner(os.Stdin)
	for requests.Scan() {
		var url string
		var inFlight, millis int
		if _, err := fmt.Sscan(requests.Text(), &url, &inFlight, &millis); err != nil {
			fmt.Printf("{\"error\": %q}\n", err.Error())
			continue
		}
		fmt.Println(measure(url, inFlight, time.Duration(millis)*time.Millisecond))
	}
}
