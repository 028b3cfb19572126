package bot

import "time"

// Rating is how a citizen found it when they were asked at the end.
type Rating struct {
	Citizen CitizenID
	Channel Channel
	Score   Score
	At      time.Time
	// Of who served them last, empty where the bot did alone.
	Operator, Town string
}

// Score is what was answered.
type Score int

// The scores.
const (
	Good Score = 1
	SoSo Score = 2
	Bad  Score = 3
)

// RatingKeeper is a commit that can keep ratings; it knows who served.
type RatingKeeper interface {
	KeepRating(r Rating) error
}

// ratingChoices are what can be answered to how it went, in the order of the
// scores.
func ratingChoices(l Language) []Choice {
	return []Choice{{Text: l.Say("满意", "Good")}, {Text: l.Say("一般", "So-so")}, {Text: l.Say("不满意", "Bad")}}
}

// Sample is a conversation that a supervisor looked over, with the score sheet.
type Sample struct {
	Handoff  int64
	Citizen  CitizenID
	Operator string
	Town     string
	By       string
	At       time.Time
	Marks    []int  // 0 to 5 for each line of the sheet
	Words    Secret // what to keep and what to mend
}
