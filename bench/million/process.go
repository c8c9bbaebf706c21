package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// process is a server or a client, which answers a line with a line.
type process struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func start(args ...string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, args...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &process{cmd, in, bufio.NewReader(out)}, cmd.Start()
}

// ask writes a line, and returns the numbers of the answer.
func (p *process) ask(word string) ([]int64, error) {
	if _, err := fmt.Fprintln(p.in, word); err != nil {
		return nil, err
	}
	return p.answer()
}

func (p *process) answer() (numbers []int64, err error) {
	line, err := p.out.ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("a process has ended: %w", err)
	}
	for _, word := range strings.Fields(line) {
		n, err := strconv.ParseInt(word, 10, 64)
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, n)
	}
	return numbers, nil
}

func (p *process) end() {
	p.in.Close()
	p.cmd.Process.Kill()
	p.cmd.Wait()
}

// group are processes of a kind.
type group []*process

// ask asks all of them, and returns the sums of what they answer.
func (g group) ask(word string) (sums []int64, err error) {
	for _, p := range g {
		fmt.Fprintln(p.in, word) // all begin before the first has answered
	}
	for _, p := range g {
		numbers, err := p.answer()
		if err != nil {
			return nil, err
		}
		if sums == nil {
			sums = make([]int64, len(numbers))
		}
		for i, n := range numbers {
			sums[i] += n
		}
	}
	return sums, nil
}

func (g group) end() {
	for _, p := range g {
		p.end()
	}
}

// resident returns how many bytes of memory they have.
func (g group) resident() (sum int64) {
	for _, p := range g {
		sum += field(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid), "VmRSS:") << 10
	}
	return sum
}

// cpu returns how long processors have worked for them, in the program and in the
// system.
func (g group) cpu() (sum time.Duration) {
	for _, p := range g {
		b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
		_, after, _ := strings.Cut(string(b), ") ")
		words := strings.Fields(after)
		if len(words) < 13 {
			continue
		}
		for _, word := range words[11:13] { // proc_pid_stat(5): utime and stime, in hundredths of a second
			n, _ := strconv.ParseInt(word, 10, 64)
			sum += time.Duration(n) * 10 * time.Millisecond
		}
	}
	return sum
}

// field returns the number after a name in a file of /proc.
func field(file, name string) int64 {
	b, _ := os.ReadFile(file)
	_, after, _ := strings.Cut("\n"+string(b), "\n"+name)
	words := strings.Fields(after)
	if len(words) == 0 {
		return 0
	}
	n, _ := strconv.ParseInt(words[0], 10, 64)
	return n
}
