package main

import (
	"net/http"
)

// noting logs who was refused by right at the inner door, and on which route
// (ASVS 5.0 16.3.2).
func (s *service) noting(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		heard := &statused{ResponseWriter: w}
		next.ServeHTTP(heard, r)
		if heard.status != http.StatusForbidden {
			return
		}
		who, err := s.desk.Who(r)
		if err != nil {
			who.Name = "nobody"
		}
		s.log.Warn("refused by right", "account", who.Name, "route", r.Pattern)
	})
}

// statused remembers what was answered.
type statused struct {
	http.ResponseWriter
	status int
}

func (w *statused) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach what streams need.
func (w *statused) Unwrap() http.ResponseWriter { return w.ResponseWriter }
