package main

import (
	"math"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"guanjia/channels/wechat/wechattest"
)

// fill lets a process write no further into files than so many bytes, as a full
// disk does, or as far as it likes again.
func (m *mortal) fill(bytes uint64) {
	m.t.Helper()
	limit := syscall.Rlimit{Cur: bytes, Max: math.MaxUint64}
	if _, _, fault := syscall.RawSyscall6(syscall.SYS_PRLIMIT64, uintptr(m.cmd.Process.Pid), syscall.RLIMIT_FSIZE, uintptr(unsafe.Pointer(&limit)), 0, 0, 0); fault != 0 {
		m.t.Fatalf("limit what files may hold: %v", fault)
	}
}

// TestDiskFull lets a citizen say yes to a booking while no file takes anything
// more. Nothing is said to be done; when there is room again the service goes on
// by itself, and the yes books once.
func TestDiskFull(t *testing.T) {
	api := wechattest.NewServer(testAppID, testSecret, nil)
	t.Cleanup(api.Close)
	m := newMortal(t, accountSettings(api, testKey)...)
	m.start()
	account := accountAt("http://"+m.public, api)
	account.Deadline = time.Minute
	day := spoken(freeDays(t, m.dir, "residence-permit", "humen")[1])
	for _, text := range []string{"我想预约办居住证", "虎门", day + "下午三点", "我叫张三，电话13800138000"} {
		if r, err := account.Text(t.Context(), "oFull", text); err != nil || r.Content == "" {
			t.Fatalf("%s: %+v %v", text, r, err)
		}
	}
	m.fill(0)
	for range 3 {
		r, err := account.Text(t.Context(), "oFull", "确认")
		if err == nil && numberForm.MatchString(r.Content) {
			t.Fatalf("said to be booked on a full disk: %s", r.Content)
		}
	}
	m.fill(math.MaxUint64)
	number := ""
	eventually(t, "the booking", func() bool {
		r, err := account.Text(t.Context(), "oFull", "确认")
		if err == nil {
			number = numberForm.FindString(r.Content)
		}
		return number != "" || len(appointments(t, m.dir)) > 0
	})
	if booked := appointments(t, m.dir); len(booked) != 1 || number != "" && booked[0]["number"] != number {
		t.Errorf("%s was told, and booked is %v", number, booked)
	}
	if err := m.end(); err != nil {
		t.Errorf("the program ends with %v: %s", err, m.logged.String())
	}
}

func appointments(t testing.TB, dir string, flags ...string) []object {
	t.Helper()
	return lines(t, guanjia(t, "", append(flags, "--data", dir, "list", "appointments", "--json")...))
}
