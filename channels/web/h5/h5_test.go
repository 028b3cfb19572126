package h5

import (
	"testing"
	"time"
)

func TestCodesAreFewAndShort(t *testing.T) {
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	c := newCodes(nil, nil)
	code, wait := c.issue("13800138000", "a", now)
	if wait != 0 || len(code) != 6 {
		t.Fatalf("the first code is %q after %v", code, wait)
	}
	if _, wait := c.issue("13800138000", "a", now.Add(59*time.Second)); wait != time.Second {
		t.Errorf("a second code within the minute waits %v", wait)
	}
	for range codeTries {
		if got := c.check("13800138000", "no", now); got != codeWrong {
			t.Fatalf("a wrong code is %v", got)
		}
	}
	if got := c.check("13800138000", code, now); got != codeGone {
		t.Errorf("after %d wrong tries the right code is %v", codeTries, got)
	}
	for i := 1; i < codesAnHour; i++ {
		if code, wait = c.issue("13800138000", "a", now.Add(time.Duration(i)*2*time.Minute)); wait != 0 {
			t.Fatalf("code %d waits %v", i+1, wait)
		}
	}
	if _, wait := c.issue("13800138000", "b", now.Add(20*time.Minute)); wait != 40*time.Minute {
		t.Errorf("the sixth code of an hour waits %v", wait)
	}
	at := now.Add(8 * time.Minute)
	if got := c.check("13800138000", code, at.Add(codeLife+time.Second)); got != codeGone {
		t.Errorf("an old code is %v", got)
	}
	if got := c.check("13800138000", code, at); got != codeRight {
		t.Errorf("the code is %v", got)
	}
	if got := c.check("13800138000", code, at); got != codeGone {
		t.Errorf("the code again is %v", got)
	}
	if got := c.check("13900139000", "", at); got != codeGone {
		t.Errorf("no code at all is %v", got)
	}
}

func TestHostsAreBounded(t *testing.T) {
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	c := newCodes(nil, nil)
	phone := []byte("13800138000")
	for i := range codesPerHost {
		phone[9], phone[10] = byte('0'+i/10), byte('0'+i%10)
		if _, wait := c.issue(string(phone), "one", now); wait != 0 {
			t.Fatalf("number %d waits %v", i, wait)
		}
	}
	if _, wait := c.issue("13900000000", "one", now); wait != time.Hour {
		t.Errorf("one number too many waits %v", wait)
	}
	if _, wait := c.issue("13900000000", "two", now); wait != 0 {
		t.Errorf("another host waits %v", wait)
	}
	c.sweep(now.Add(2 * time.Hour))
	if c.sent.Len()+c.hosts.Len() != 0 {
		t.Errorf("%d numbers and %d hosts are remembered for ever", c.sent.Len(), c.hosts.Len())
	}
}

func TestStatesServeOnce(t *testing.T) {
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	s := newStates()
	state, ok := s.begin("/h5/mine", now)
	if !ok {
		t.Fatal("no state")
	}
	if to, ok := s.end(state, now.Add(stateLife)); !ok || to != "/h5/mine" {
		t.Errorf("the state leads to %q, %v", to, ok)
	}
	if _, ok := s.end(state, now); ok {
		t.Error("the state served twice")
	}
	late, _ := s.begin("/h5/", now)
	if _, ok := s.end(late, now.Add(stateLife+time.Second)); ok {
		t.Error("a late state served")
	}
}

func TestOnlyOurOwnAddresses(t *testing.T) {
	for to, want := range map[string]string{
		"/h5/mine": "/h5/mine", "": "/h5/", "https://evil.example/h5/": "/h5/", "//evil.example": "/h5/",
		"/h5/\r\nSet-Cookie: x": "/h5/", "/h5/\\evil": "/h5/", "/desk/": "/h5/",
	} {
		if got := local(to); got != want {
			t.Errorf("local(%q) is %q", to, got)
		}
	}
}

func TestNumbersAsPeopleTypeThem(t *testing.T) {
	for typed, want := range map[string]string{
		"138 0013 8000": "13800138000", "+86 138-0013-8000": "13800138000", "１３８００１３８０００": "13800138000", "": "",
	} {
		if got := digitsOf(typed); got != want {
			t.Errorf("digitsOf(%q) is %q", typed, got)
		}
	}
}
