package main

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// proxied puts the citizen's own address in the place of a trusted proxy's, so
// that limits count people and not the proxy. Of X-Forwarded-For only what
// trusted proxies added is believed: the last address that is not one of
// theirs. From anybody else the header is nothing but words.
func proxied(trusted []netip.Prefix, next http.Handler) http.Handler {
	if len(trusted) == 0 {
		return next
	}
	ours := func(a netip.Addr) bool {
		for _, p := range trusted {
			if p.Contains(a.Unmap()) {
				return true
			}
		}
		return false
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peer, err := netip.ParseAddrPort(r.RemoteAddr)
		if err != nil || !ours(peer.Addr()) {
			next.ServeHTTP(w, r)
			return
		}
		hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		for i := len(hops) - 1; i >= 0; i-- {
			hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
			if err != nil {
				break
			}
			if !ours(hop) {
				r = r.Clone(r.Context())
				r.RemoteAddr = net.JoinHostPort(hop.Unmap().String(), "0")
				break
			}
		}
		next.ServeHTTP(w, r)
	})
}

// prefixes reads CIDR blocks that the settings hold, which were checked there.
func prefixes(list string) []netip.Prefix {
	var all []netip.Prefix
	for part := range strings.SplitSeq(list, ",") {
		if p, err := netip.ParsePrefix(strings.TrimSpace(part)); err == nil {
			all = append(all, p)
		}
	}
	return all
}
