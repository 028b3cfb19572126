// Package redis keeps what the instances share and may lose: WeChat's access
// token, so that the one that takes over fetches none; the nonces of callbacks,
// so that a captured one is refused by the next leader too; and what limits have
// counted, so that whoever was held back is not let go by a takeover. What is
// kept is sealed or hashed under a key of the installation's: whoever reads
// Redis learns neither tokens and codes nor who wrote.
//
// It refuses to keep anything that was promised to a citizen, and to keep
// anybody waiting: a call takes askTime at most, and after one that failed
// nothing is asked for restTime. Without Redis, or with one that is slow, gone
// or was emptied, the token is fetched from the platform (stable_token, which
// gives the same one), nonces are those this instance has seen itself, and limits
// count in its memory, where they always count: Redis has a copy, a second behind,
// that is read once, by who begins to lead. Nobody's message waits for it.
package redis
