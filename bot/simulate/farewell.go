package simulate

import (
	"context"
	"slices"
	"strings"
	"time"
)

// Waiter is a line that hears what is said of itself, while nothing is written.
type Waiter interface {
	// Hear is what was said since the last look.
	Hear(ctx context.Context) ([]Heard, error)
}

const (
	thankful = .6 // of those who are done stay for a farewell
	mostTalk = 3  // answers to a person, at the most
)

// farewell is what some do when they are done: who asked for a person waits and
// talks with them, the others say thanks; and they tell how it went if asked.
// It is the score they gave, empty for none.
func (c *citizen) farewell(ctx context.Context, line Line, done string) string {
	if c.rand.Float64() > thankful {
		return ""
	}
	if done == "person" || done == "emergency" {
		if w, ok := line.(Waiter); ok {
			return c.rate(ctx, line, c.waits(ctx, line, w))
		}
		return ""
	}
	if !sleep(ctx, c.pause()) {
		return ""
	}
	a, err := line.Say(ctx, pick(c.rand, []string{"谢谢", "好的，谢谢", "多谢晒", "谢谢你"}))
	if err != nil {
		return "" // they are gone anyhow
	}
	return c.rate(ctx, line, a.Heard)
}

// waits for a person and talks with them, until they end it or patience does.
func (c *citizen) waits(ctx context.Context, line Line, w Waiter) []Heard {
	ctx, stop := context.WithTimeout(ctx, c.patience)
	defer stop()
	for talk := 0; sleep(ctx, lookEvery+c.pause()/4); {
		heard, err := w.Hear(ctx)
		if err != nil || parted(heard) {
			return heard
		}
		if len(heard) == 0 || talk == mostTalk {
			continue
		}
		talk++
		if !sleep(ctx, c.pause()) {
			break
		}
		a, err := line.Say(ctx, pick(c.rand, personal()))
		if err != nil || parted(a.Heard) {
			return a.Heard
		}
	}
	return nil
}

// lookEvery is how often who waits looks at their screen.
const lookEvery = 500 * time.Millisecond

// parted says whether a person took their leave.
func parted(heard []Heard) bool {
	return slices.ContainsFunc(heard, func(h Heard) bool {
		return strings.Contains(h.Text, "人工服务结束") || strings.Contains(h.Text, "智能助手陪您")
	})
}

// rate answers how it went, as they found it.
func (c *citizen) rate(ctx context.Context, line Line, heard []Heard) string {
	if len(heard) == 0 || !slices.Contains(heard[len(heard)-1].Options, c.finds) || !sleep(ctx, c.pause()) {
		return ""
	}
	if _, err := line.Say(ctx, c.finds); err != nil {
		return ""
	}
	return c.finds
}

// personal is what is said to a person.
func personal() []string {
	return []string{"好的，谢谢", "那要带什么去？", "大概多久能好？", "我下班才有空，周末可以吗", "之前打过电话没人理", "可以，麻烦您了", "我不太会用手机，能帮我弄吗", "是帮我妈问的"}
}
