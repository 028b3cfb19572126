package speech

import (
	"math"
	"time"
)

// Times of listening. End of speech and interruption are in the terms;
// the rest follows from them.
const (
	FrameTime    = 20 * time.Millisecond
	Endpoint     = 700 * time.Millisecond  // silence that ends what is said
	DigitPause   = 1500 * time.Millisecond // while a number is being told
	Interruption = 300 * time.Millisecond  // of speech before it stops a prompt
	longestTalk  = 20 * time.Second        // then what was said so far is taken
	lead         = 300 * time.Millisecond  // kept from before speech was noticed
	shortestTalk = 160 * time.Millisecond  // of voice in what is worth recognising
	relearn      = 10 * time.Second        // of sound with no event: the floor is wrong
)

// Happening is what a frame brought.
type Happening int

// What an Ear hears.
const (
	Nothing   Happening = iota
	Began               // somebody began to speak
	Lasting             // and has spoken for as long as Interruption
	Ended               // and has stopped; Talk has what was said
	FalseTalk           // it was too short to be speech
)

// Ear tells speech from silence and noise by its energy, against a floor that
// follows the line. It is fed every frame of a call in order, by one goroutine.
type Ear struct {
	// Patience is the silence that ends what is said; 0: Endpoint.
	Patience time.Duration

	floor    float64 // dB of the noise
	quietest float64 // of the last second, to learn the floor from
	loudest  float64
	learnt   int
	begun    int    // frames since the line was opened
	recent   uint32 // of the last frames, which were voiced: the newest in bit 0
	talking  bool
	lasted   bool
	voiced   time.Duration
	silence  time.Duration
	loud     time.Duration // sound without an event
	size     int           // samples of a frame
	ahead    []int16       // before the beginning
	talk     []int16
}

// Levels in dB, of which full scale is 0.
const (
	lowestFloor  = -70.0
	highestFloor = -30.0
	firstFloor   = -55.0
	above        = 9.0 // over the floor is voice
	faintest     = -48.0
)

// NewEar listens to a new line.
func NewEar() *Ear { return &Ear{floor: firstFloor, loudest: lowest} }

// lowest is no sound at all.
const lowest = -96.0

// settling is how many frames a new line is only listened to: callers wait for
// us to say hello.
const settling = 15

// steady is how little the level of noise changes in a second, in dB; voices
// rise and fall.
const steady = 6.0

// level is the energy of a frame in dB of full scale.
func level(frame []int16) float64 {
	sum := 0.0
	for _, s := range frame {
		sum += float64(s) * float64(s)
	}
	if sum == 0 {
		return lowest
	}
	return 10*math.Log10(sum/float64(len(frame))) - 20*math.Log10(32768)
}

// Hear takes the next frame of 20 ms. What was kept of another rate of samples
// is forgotten.
func (e *Ear) Hear(frame []int16) Happening {
	if len(frame) != e.size {
		e.size, e.ahead, e.talk = len(frame), nil, nil
	}
	db := level(frame)
	voiced := db > max(e.floor+above, faintest)
	e.follow(db, voiced)
	e.recent <<= 1
	if voiced {
		e.recent |= 1
	}
	if e.talking {
		return e.talkOn(frame, voiced)
	}
	e.remember(frame)
	if e.begun++; e.begun <= settling {
		e.floor = min(max(e.floor, db), highestFloor)
		return Nothing
	}
	if !e.begins() {
		return Nothing
	}
	e.talking, e.lasted, e.silence, e.loud = true, false, 0, 0
	e.voiced = time.Duration(onesOf(e.recent&0x1f)) * FrameTime
	e.talk = append(e.talk[:0:0], e.ahead...)
	e.ahead = e.ahead[:0]
	return Began
}

// begins says whether three of the last five frames are voice.
func (e *Ear) begins() bool { return e.recent&1 == 1 && onesOf(e.recent&0x1f) >= 3 }

func onesOf(bits uint32) (n int) {
	for ; bits != 0; bits &= bits - 1 {
		n++
	}
	return n
}

// talkOn takes a frame while somebody speaks.
func (e *Ear) talkOn(frame []int16, voiced bool) Happening {
	e.talk = append(e.talk, frame...)
	if voiced {
		e.voiced += FrameTime
		e.silence = 0
	} else {
		e.silence += FrameTime
	}
	patience := e.Patience
	if patience == 0 {
		patience = Endpoint
	}
	switch {
	case e.silence >= patience || e.length() >= longestTalk:
		e.talking = false
		if e.voiced < shortestTalk {
			return FalseTalk
		}
		return Ended
	case !e.lasted && e.voiced >= Interruption:
		e.lasted = true
		return Lasting
	}
	return Nothing
}

// remember keeps the moments before speech is noticed.
func (e *Ear) remember(frame []int16) {
	e.ahead = append(e.ahead, frame...)
	if most := int(lead/FrameTime) * e.size; len(e.ahead) > most {
		e.ahead = append(e.ahead[:0], e.ahead[len(e.ahead)-most:]...)
	}
}

// follow lets the floor sink at once and rise by what was quietest in the last
// second, so that a voice does not raise it and a louder line does; a second
// without ups and downs is noise, whatever its loudness. Sound that
// goes on and never becomes speech, or speech that never ends, is a floor that
// is wrong: it is learnt anew.
func (e *Ear) follow(db float64, voiced bool) {
	if db < e.floor {
		e.floor = max(db, lowestFloor)
	}
	e.quietest, e.loudest = min(e.quietest, db), max(e.loudest, db)
	if e.learnt++; e.learnt >= int(time.Second/FrameTime) {
		rise := 0.1
		if !e.talking {
			rise = 0.5
		}
		if e.loudest-e.quietest < steady {
			rise, e.loud = 1, 0
		}
		e.floor = min(max(e.floor+rise*(e.quietest-e.floor), lowestFloor), highestFloor)
		e.learnt, e.quietest, e.loudest = 0, 0, lowest
	}
	if !voiced && db < faintest || e.talking && e.length() < longestTalk {
		e.loud = 0
	} else if e.loud += FrameTime; e.loud >= relearn {
		e.floor, e.loud = firstFloor, 0
	}
}

// length is how long what is being said lasts.
func (e *Ear) length() time.Duration { return time.Duration(len(e.talk)/e.size) * FrameTime }

// Rate is the samples a second of what was said.
func (e *Ear) Rate() int { return e.size * int(time.Second/FrameTime) }

// Talk is what was said, silence before and after included, until the next
// beginning.
func (e *Ear) Talk() []int16 { return e.talk }

// Voiced is how much of it was voice.
func (e *Ear) Voiced() time.Duration { return e.voiced }

// Talking says whether somebody is speaking now.
func (e *Ear) Talking() bool { return e.talking }

// Silence is how long it has been since voice was last heard in what is being
// said.
func (e *Ear) Silence() time.Duration { return e.silence }
