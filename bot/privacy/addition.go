package privacy

import (
	"fmt"
	"strings"
	"time"

	"guanjia/bot"
)

// Addition is words that come to a request which is filed already, by whatever
// door, and the question that they raise.
type Addition struct {
	Number string // of the request they come to
	Key    string // they come under, once
	Kinds  []string
}

// Question asks for the sensitive particulars in an addition, and for nothing
// else.
func (a Addition) Question() string {
	return "其中" + a.What() + "是敏感信息，单独问您一声：写上是为了把事情办好，只给经办的人看，不公开；不写也照样办。"
}

// What are the kinds in words.
func (a Addition) What() string { return strings.Join(a.Kinds, "、") }

// additions begin the key of a consent to one.
const additions = "addition:"

// Agreed is the yes to that question in the words it was asked with. name is
// what the citizen did: 补充.
func (a Addition) Agreed(of bot.CitizenID, name, by, asked string, channel bot.Channel, at time.Time) bot.SeparateConsent {
	return bot.SeparateConsent{
		ID: fmt.Sprintf("%s-%s-a", of, a.Key), Citizen: of, About: bot.OfSensitive, Errand: bot.CheckRequest, Key: additions + a.Number + ":" + a.Key,
		Name: name, By: by, What: bot.Secret(a.What()), Asked: asked, Channel: channel, At: at,
	}
}

// AgreedTo is the addition that a consent's key names; found is false for one
// to a request as it was filed.
func AgreedTo(key string) (number, of string, found bool) {
	rest, found := strings.CutPrefix(key, additions)
	if !found {
		return "", "", false
	}
	return strings.Cut(rest, ":")
}
