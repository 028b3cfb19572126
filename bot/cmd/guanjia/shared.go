package main

import (
	"fmt"
	"time"

	"guanjia/bot/inmem"
	"guanjia/bot/redis"
)

// openShared opens what this instance shares with the one that leads next; with
// no redis_url it shares nothing.
func (s *service) openShared() error {
	if s.settings.RedisURL == "" {
		return nil
	}
	secret, err := s.house.store.Secret("shared")
	if err != nil {
		return err
	}
	if s.shared, err = redis.Open(s.settings.RedisURL.Reveal(), secret, s.log); err != nil {
		return err
	}
	s.figures.Counts("guanjia_redis_calls_total", "Calls to Redis: asked, of them failed, and not made because one had just failed.", "what", s.shared.Figures)
	return nil
}

// closeShared gives the connections back, when nobody asks any more.
func (s *service) closeShared() error {
	if s.shared == nil {
		return nil
	}
	if err := s.shared.Close(); err != nil {
		return fmt.Errorf("close redis: %w", err)
	}
	return nil
}

// kept is who keeps what a limit counts, nil where nothing is shared; life is
// how long a count of it says anything at most.
func (s *service) kept(limit string, life time.Duration) inmem.Keeper {
	if s.shared == nil {
		return nil
	}
	return s.shared.Kept(limit, life)
}
