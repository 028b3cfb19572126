package bot

// EntityType names a kind of particular found in a citizen's words.
type EntityType string

// The entity types. Values are normalised as the comment says; instants are
// ISO 8601 without zone, in Asia/Shanghai.
const (
	Date          EntityType = "date"           // 2026-12-02
	Time          EntityType = "time"           // 15:00
	DateTime      EntityType = "datetime"       // 2026-12-02T15:00
	DateRange     EntityType = "daterange"      // start, EndValue exclusive
	TimeRange     EntityType = "timerange"      // start, EndValue exclusive
	DateTimeRange EntityType = "datetimerange"  // start, EndValue exclusive
	Duration      EntityType = "duration"       // P3D, PT30M
	Number        EntityType = "number"         // plain decimal
	Money         EntityType = "money"          // plain decimal, in yuan
	Phone         EntityType = "phone"          // digits without +86
	IDNumber      EntityType = "id_number"      // 18 characters, checksum and birth date valid
	Permit        EntityType = "permit"         // 回乡证, 台胞证, 港澳通行证, 居民居住证
	Passport      EntityType = "passport"       // capitals, no spaces
	Town          EntityType = "town"           // id in towns.yaml
	Hall          EntityType = "hall"           // the town's id, or "city"
	Service       EntityType = "service"        // the guide's id
	Relation      EntityType = "relation"       // 本人 母亲 父亲 配偶 子女 祖辈 亲属 朋友 雇员
	PersonName    EntityType = "person_name"    // as said
	Department    EntityType = "department"     // as said, normalised
	PostalAddress EntityType = "address"        // as said, normalised
	TicketNo      EntityType = "ticket_no"      // capitals, no spaces or dashes, check digit not verified
	AppointmentNo EntityType = "appointment_no" // capitals, no spaces or dashes, check digit not verified
)

// Grain is how finely a time was told.
type Grain string

// The grains, finest first.
const (
	GrainMinute Grain = "minute"
	GrainHour   Grain = "hour"
	GrainDay    Grain = "day"
	GrainWeek   Grain = "week"
	GrainMonth  Grain = "month"
	GrainYear   Grain = "year"
)

// Entity is a particular found in the citizen's words. Start and End count
// runes of the text as the citizen wrote it; Text is exactly what they cut out.
type Entity struct {
	Type     EntityType `json:"type"`
	Text     string     `json:"text"`
	Start    int        `json:"start"`
	End      int        `json:"end"`
	Value    string     `json:"value"`
	EndValue string     `json:"end_value"` // exclusive end of a range, else empty
	Grain    Grain      `json:"grain"`     // of times, else empty
	// Ambiguity lists the other values the words may as well mean, in the form
	// of Value. The flow asks; nobody guesses.
	Ambiguity []string `json:"ambiguity"`
}
