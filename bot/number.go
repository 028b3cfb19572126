package bot

import (
	"fmt"
	"strings"
	"time"
)

// AppointmentNumber is the number a citizen sees: the letters YY and at least
// ten digits — the day of issue as yymmdd, a serial of three digits or more,
// and a Luhn check digit.
func AppointmentNumber(issued time.Time, serial int) string {
	digits := issued.Format("060102") + fmt.Sprintf("%03d", serial)
	return "YY" + digits + string(luhn(digits))
}

// TicketNumber is the number of a request or report: DG, the day of issue as
// yyyymmdd, a serial of four digits or more, and a Luhn check digit.
func TicketNumber(issued time.Time, serial int) string {
	digits := issued.Format("20060102") + fmt.Sprintf("%04d", serial)
	return "DG" + digits + string(luhn(digits))
}

// ValidNumber says whether the last digit of a number is its Luhn check digit.
func ValidNumber(number string) bool {
	digits := strings.TrimLeft(strings.ToUpper(number), "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	if len(digits) < 2 {
		return false
	}
	for _, r := range digits {
		if r < '0' || r > '9' {
			return false
		}
	}
	last := len(digits) - 1
	return luhn(digits[:last]) == digits[last]
}

// luhn is the check digit of ISO/IEC 7812-1 annex B over a run of digits.
func luhn(digits string) byte {
	sum, double := 0, true
	for i := len(digits) - 1; i >= 0; i-- {
		d := int(digits[i] - '0')
		if double {
			d *= 2
			if d > 9 {
				d -= 9
			}
		}
		sum += d
		double = !double
	}
	return byte('0' + (10-sum%10)%10)
}
