package bot

import "time"

// AuditEntry is one line of the audit trail: who did what to what, and why.
// It holds ids and our own words, never a citizen's.
type AuditEntry struct {
	Seq     int64
	At      time.Time
	Actor   string // a desk account, or "system" and "command"
	Deed    string // sign_in, open_conversation, staff_add …
	Subject string // the id of what it was done to
	Reason  string
}

// AuditLike is which entries of the trail are looked for; what is empty is not
// asked.
type AuditLike struct {
	Actor, Deed, Subject string
	From, To             time.Time // To is past the last
}

// The deeds of the audit trail that more than one part of the service does.
const (
	AuditSignIn        = "sign_in"
	AuditSignInRefused = "sign_in_refused"
	AuditSignOut       = "sign_out"
	AuditFactorOn      = "factor_on" // a second factor was set up
	AuditFactorOff     = "factor_off"
	AuditOpen          = "open_conversation"
	AuditAttachment    = "open_attachment"
	AuditListen        = "listen_recording" // with the reason given
	AuditListenIn      = "listen_in"        // to a call that goes on, with the reason given
	AuditListenedIn    = "listened_in"      // … no more, with since when
	AuditStaffAdd      = "staff_add"
	AuditStaffReset    = "staff_reset"
	AuditPassword      = "change_password" // one's own
	AuditDemoClear     = "demo_clear"
	AuditCopy          = "copy_citizen"       // a citizen took a copy of their data
	AuditCorrect       = "correct_citizen"    // … corrected their name
	AuditErase         = "erase_citizen"      // … had them deleted
	AuditConsent       = "guardian_agrees"    // to an errand of a child
	AuditWithdraw      = "guardian_withdraws" // … and took it back
	AuditSensitive     = "sensitive_agreed"   // a citizen, to writing down sensitive particulars
	AuditInsensitive   = "sensitive_withdrawn"
	AuditPrune         = "prune"      // what was past its term went
	AuditRotate        = "rotate_key" // the installation's key was changed
	AuditReseal        = "reseal"     // what was sealed with another cipher went over to the installation's
	AuditBackup        = "backup"     // the records were copied

	AuditExport        = "export_report"
	AuditRead          = "read_audit"   // the trail was looked at, with what was looked for
	AuditVerify        = "verify_audit" // … was held against its chain
	AuditExportTrail   = "export_audit"
	AuditSkills        = "set_skills"
	AuditForCitizen    = "carry_out_for_citizen" // an errand, on a consent that is in the transcript
	AuditMatters       = "look_up_matters"       // a citizen's appointments and tickets
	AuditSample        = "score_conversation"
	AuditReassign      = "reassign"
	AuditShift         = "plan_shift"
	AuditSwitchPropose = "switch_propose"
	AuditSwitchApprove = "switch_approve"
	AuditSwitchRefuse  = "switch_refuse"
	AuditSwitchEnding  = "switch_propose_end"
	AuditSwitchEnd     = "switch_end"
	AuditSwitchExpire  = "switch_expire"
	AuditReleaseApply  = "release_apply" // many proposals of the dynamic release at once
	AuditReleaseReject = "release_reject"
	AuditReleaseUndo   = "release_undo"
	AuditServices      = "import_services"
)
