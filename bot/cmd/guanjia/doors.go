package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"

	"guanjia/config"
)

// doors are the public and the inner door of this process.
type doors struct {
	public, inner net.Listener
	servers       []*http.Server
	settings      config.Settings
	log           *slog.Logger
}

// listen takes the addresses of the settings.
func (d *doors) listen(s config.Settings) (err error) {
	d.settings = s
	if d.public, err = listenOn("http_addr", s.HTTPAddr); err != nil {
		return err
	}
	if d.inner, err = listenOn("desk_addr", s.DeskAddr); err != nil {
		return errors.Join(err, d.public.Close())
	}
	return nil
}

func listenOn(key, addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, usagef("%s: %v", key, err)
	}
	return l, nil
}

// open answers at both doors.
func (d *doors) open(owned *sync.WaitGroup, public, inner http.Handler, failed chan<- error) {
	behind := prefixes(d.settings.TrustedProxies)
	d.serve(owned, proxied(behind, d.strict(public)), d.public, failed)
	d.serve(owned, proxied(behind, d.strict(inner)), d.inner, failed)
}

// strict tells browsers never to come without TLS again, where citizens come
// with it (RFC 6797; ASVS 5.0 3.4.1).
func (d *doors) strict(next http.Handler) http.Handler {
	if !strings.HasPrefix(d.settings.PublicURL, "https://") {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		next.ServeHTTP(w, r)
	})
}

// serve answers at one more.
func (d *doors) serve(owned *sync.WaitGroup, handler http.Handler, l net.Listener, failed chan<- error) {
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: 32 << 10, ErrorLog: slog.NewLogLogger(d.log.Handler(), slog.LevelDebug),
	}
	d.servers = append(d.servers, server)
	owned.Go(func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			failed <- fmt.Errorf("serve %s: %w", l.Addr(), err)
		}
	})
}

// shut lets what is in hand finish; once more does nothing.
func (d *doors) shut(ctx context.Context) error {
	var errs []error
	for _, s := range d.servers {
		if err := s.Shutdown(ctx); err != nil {
			errs = append(errs, fmt.Errorf("close door: %w", err), s.Close())
		}
	}
	return errors.Join(errs...)
}

// close gives up doors nobody answers at.
func (d *doors) close() error {
	if len(d.servers) > 0 {
		return nil // who serves there shuts them
	}
	return errors.Join(d.public.Close(), d.inner.Close())
}
