package inmem

import (
	"testing"

	"guanjia/bot"
)

func TestHubTellsALateFollowerInsteadOfWaiting(t *testing.T) {
	hub := NewHub()
	quick, slow := hub.Follow(10), hub.Follow(1)
	hub.Publish([]bot.Change{{Seq: 1}, {Seq: 2}, {Seq: 3}})
	for want := int64(1); want <= 3; want++ {
		if c := <-quick.C; c.Seq != want {
			t.Fatalf("got %d, want %d", c.Seq, want)
		}
	}
	select {
	case <-slow.Lagged:
	default:
		t.Fatal("the slow follower was not told")
	}
	quick.Close()
	slow.Close()
	hub.Publish([]bot.Change{{Seq: 4}})
	if len(quick.C) != 0 {
		t.Fatal("a closed follower still receives")
	}
}
