// Package platform is all we know of WeChat's own protocols: the envelopes of
// safe mode, the signatures, and the API of the official account. It is the
// only folder that imports silenceper/wechat.
//
// Of that library it uses the message and menu types. Calls are sent by a
// client of our own, because the library's (v2.1.12) has one global client without a
// deadline, takes no context on most calls, keeps a refused token until it
// expires, returns errors without their code and with the token and the secret
// in their text, and reads answers without a limit; its in-memory cache
// reads a map without its lock.
//
// The package refuses to send anything twice: where it cannot be known whether
// the platform took a message, the error says so and wraps
// bot.ErrUnknownOutcome.
package platform
