package bot

import (
	"fmt"
	"time"
)

// Tell says something to a citizen of the service's own accord, as part of a
// commit: it goes to the outbox and to the transcript, once for a key. What is
// due later than now may be dropped before it leaves, so it enters the
// transcript as it does.
func Tell(tx Tx, now time.Time, out Outgoing) error {
	if out.Key != "" {
		if id, err := tx.Enqueued(out.Key); err != nil || id != 0 {
			return err
		}
	}
	out.From, out.Proactive = voice, true
	if out.Due.After(now) {
		out.Unsaid = true
		if _, err := tx.Enqueue(0, out, 0); err != nil {
			return fmt.Errorf("enqueue what is due later: %w", err)
		}
		return nil
	}
	out.Due = now
	_, _, err := say(tx, 0, out, 0)
	return err
}

// voice is who speaks where no operator does.
const voice = "bot"

// say puts words to a citizen in the outbox and in the transcript: all that is
// said goes through here, or waits for its hour in Tell.
func say(tx Tx, turn int64, out Outgoing, lease time.Duration) (OutgoingID, int64, error) {
	id, err := tx.Enqueue(turn, out, lease)
	if err != nil {
		return 0, 0, fmt.Errorf("enqueue reply: %w", err)
	}
	line, err := tx.Append(out.Line(out.Due))
	if err != nil {
		return 0, 0, fmt.Errorf("append reply: %w", err)
	}
	return id, line, nil
}

// Line is what the transcript holds of words that leave at a time.
func (o Outgoing) Line(at time.Time) Line {
	l := Line{
		Citizen: o.Citizen, Speaker: SpeakerBot, Channel: o.To.Channel, At: at,
		Text: o.Reply.Text, Options: o.Reply.Options, Source: o.Reply.Source,
	}
	if o.Reply.Picture != "" {
		l.Event, l.Attachment = EventImage, o.Reply.Picture
	}
	if o.From != voice {
		l.Speaker, l.Name = SpeakerOperator, o.From
	}
	return l
}
