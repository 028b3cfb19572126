package week_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"guanjia/bot/booking"
	"guanjia/bot/booking/week"
)

// TestCompare: under the same demand the dynamic release leaves fewer people
// without a place and more services bookable within three days, on average and
// at the worst hour; it works within its bounds, and by chance not at all.
func TestCompare(t *testing.T) {
	city := week.Whole().Part(40)
	if os.Getenv("GUANJIA_PROVE") != "" {
		city = week.Whole()
	}
	control := booking.DefaultControl()
	fixed, dynamic := week.Compare(city, control)
	t.Logf("\n%s", week.Table(fixed, dynamic))
	if fixed.Asked != dynamic.Asked || fixed.Asked == 0 {
		t.Fatalf("%d and %d people came", fixed.Asked, dynamic.Asked)
	}
	if dynamic.Refused >= fixed.Refused || dynamic.Share() < fixed.Share() || dynamic.Worst() < fixed.Worst() {
		t.Error("the dynamic release is no better")
	}
	if dynamic.Share() < 0.9924 {
		t.Errorf("%.2f%% of services are bookable within three days, 99.24%% are wanted", dynamic.Share()*100)
	}
	if len(fixed.Changes) != 0 || dynamic.Changes[booking.More] == 0 || dynamic.Changes[booking.Reserve] == 0 {
		t.Errorf("changes: fixed %v, dynamic %v", fixed.Changes, dynamic.Changes)
	}
	again := week.Play(city, booking.DefaultControl())
	if again.Booked != fixed.Booked || again.Share() != fixed.Share() {
		t.Error("the same seed gives another week")
	}
	var page bytes.Buffer
	if err := week.Report(&page, city, fixed, dynamic); err != nil {
		t.Fatal(err)
	}
	for chart := range strings.SplitSeq(page.String(), "<figure>") {
		from, to := strings.Index(chart, "<svg"), strings.Index(chart, "</svg>")
		if from < 0 {
			continue
		}
		dec := xml.NewDecoder(strings.NewReader(chart[from : to+6]))
		for {
			if _, err := dec.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("chart is not well formed: %v", err)
			}
		}
	}
	if n := strings.Count(page.String(), "<svg"); n != 2 {
		t.Errorf("%d charts", n)
	}
}
