package store

import (
	"guanjia/bot"
	"guanjia/bot/booking"
	"guanjia/bot/outreach"
	"guanjia/bot/ticket"
)

// What the store must meet.
var (
	_ bot.Store       = (*Store)(nil)
	_ bot.Outbox      = (*Store)(nil)
	_ bot.Tx          = (*Tx)(nil)
	_ booking.Ledger  = (*Store)(nil)
	_ ticket.Ledger   = (*Store)(nil)
	_ outreach.Ledger = (*Store)(nil)
)
