package main

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestTheChatIsForTrying: without the demo the public door has no try-it chat;
// its first page is the citizens'.
func TestTheChatIsForTrying(t *testing.T) {
	for _, demo := range []string{"true", "false"} {
		s, _ := insideService(t, "demo", demo)
		door := httptest.NewServer(s.public())
		t.Cleanup(door.Close)
		c := newClient(t, door.URL)
		chat := map[string]int{"true": http.StatusOK, "false": http.StatusSeeOther}[demo]
		if got := c.get("/"); got.status != chat || chat == http.StatusSeeOther && got.header.Get("Location") != "/h5/" {
			t.Errorf("/ with demo %s: %d to %q", demo, got.status, got.header.Get("Location"))
		}
		must(t, c.get("/h5/"), http.StatusOK)
		must(t, c.get("/h5/wishes"), http.StatusOK)
		must(t, c.get("/openapi.yaml"), http.StatusOK)
		if demo == "false" {
			must(t, c.post("/chat/send", object{"key": "message-1", "text": "你好"}), http.StatusNotFound)
			must(t, c.get("/chat/history"), http.StatusNotFound)
		}
	}
}
