package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"

	"guanjia/bot"
	"guanjia/bot/booking"
	"guanjia/bot/store"
	"guanjia/bot/ticket"
	"guanjia/channels/desk"
	"guanjia/channels/desk/passkey"
)

// staffCommand is `guanjia staff`.
type staffCommand struct {
	Add   staffAddCommand   `cmd:"" help:"Make an account; its password is printed once and has to be exchanged for one of their own at the first sign-in (see first_password_life)."`
	List  staffListCommand  `cmd:"" help:"List accounts."`
	Reset staffResetCommand `cmd:"" help:"Give an account a new password, to be exchanged like the first; its sessions end."`
}

type staffAddCommand struct {
	Name     string `arg:"" help:"1 to 32 characters."`
	Role     string `help:"operator, supervisor, administrator, hall (a hall's clerk), or of those who deal with tickets: centre, department, town, village, social_worker" default:"operator" enum:"operator,supervisor,administrator,hall,centre,department,town,village,social_worker"`
	Password bool   `help:"Read the password from standard input instead of making one."`
	// Whom the account works for.
	Department string `help:"Id of the department, for role department."`
	Town       string `help:"Id of the hall for role hall; of the town for roles town, village and social_worker, for a department's branch, and for operators and supervisors who are to see only its conversations."`
	Village    string `help:"The village or community, for role village."`
}

func (c *staffAddCommand) run(ctx context.Context, p *program) error {
	if err := staffName(c.Name); err != nil {
		return err
	}
	return p.withHouse(ctx, opening{}, func(h *house) error {
		v := store.Staff{Name: c.Name, Role: c.Role, Department: c.Department, Town: c.Town, Village: c.Village}
		if err := h.worksFor(ctx, v); err != nil {
			return err
		}
		password, err := newPassword(p.con, c.Name, c.Password) // here: where the deed runs is where the input goes
		if err != nil {
			return err
		}
		err = addStaff(ctx, h, v, password)
		if errors.Is(err, store.ErrStaffExists) {
			return usagef("%s: %v", c.Name, err)
		}
		if err == nil {
			tellPassword(p.con, c.Name, password, c.Password)
		}
		return err
	})
}

type staffResetCommand struct {
	Name     string `arg:""`
	Password bool   `help:"Read the password from standard input instead of making one."`
	Factor   bool   `help:"Take the second factors away too: the telephone, the recovery codes or the security keys are lost."`
}

func (c *staffResetCommand) run(ctx context.Context, p *program) error {
	return p.withHouse(ctx, opening{}, func(h *house) error {
		password, err := newPassword(p.con, c.Name, c.Password)
		if err != nil {
			return err
		}
		hash, err := argon2id.CreateHash(password, passwordCost())
		if err != nil {
			return fmt.Errorf("hash password: %w", err)
		}
		err = h.store.ResetStaff(ctx, c.Name, hash, "", h.clock())
		if errors.Is(err, store.ErrNoStaff) {
			return usagef("%s: %v", c.Name, err)
		}
		if err == nil && c.Factor {
			err = h.store.DropFactor(ctx, c.Name)
			if err == nil {
				_, err = h.store.DropPasskey(ctx, c.Name, nil)
			}
		}
		if err == nil {
			err = h.store.Audit(ctx, bot.AuditEntry{At: h.clock(), Actor: "command", Deed: bot.AuditStaffReset, Subject: c.Name})
		}
		if err == nil {
			tellPassword(p.con, c.Name, password, c.Password)
		}
		return err
	})
}

type staffListCommand struct {
	JSON bool `help:"A JSON object a line."`
}

func (c *staffListCommand) run(ctx context.Context, p *program) error {
	return p.withRecords(ctx, func(s *store.Store) error {
		all, err := s.Staff(ctx)
		if err != nil {
			return err
		}
		for _, v := range all {
			if c.JSON {
				err = printJSON(p.con.out, map[string]any{"name": v.Name, "role": v.Role, "created_at": stamp(v.CreatedAt), "own_password": v.GivenAt.IsZero()})
			} else {
				_, err = fmt.Fprintf(p.con.out, "%s\t%s\t%s\t%s\n", v.Name, v.Role, stamp(v.CreatedAt), passwordOf(v))
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// passwordOf says whose choosing an account's password is.
func passwordOf(v store.Staff) string {
	if v.GivenAt.IsZero() {
		return "own password"
	}
	return "first password, of " + stamp(v.GivenAt)
}

func staffName(name string) error {
	if n := utf8.RuneCountInString(name); n < 1 || n > 32 || strings.TrimSpace(name) != name || strings.ContainsAny(name, "\x00\n\r\t") {
		return usagef("an account's name has 1 to 32 characters and no space around it")
	}
	return nil
}

// passwordCost is how dear a guess at a password is: OWASP's argon2id setting
// of least memory (19 MiB, two passes), so that sign-ins do not weigh on a
// small machine.
func passwordCost() *argon2id.Params {
	return &argon2id.Params{Memory: 19 << 10, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}
}

// newPassword makes a password, or reads the first line of standard input.
func newPassword(con console, name string, read bool) (string, error) {
	if !read {
		raw := make([]byte, 10) // 80 bits
		rand.Read(raw)          // never fails, see crypto/rand
		return strings.ToLower(base32.StdEncoding.EncodeToString(raw)), nil
	}
	line, _ := bufio.NewReader(con.in).ReadString('\n')
	line = strings.TrimRight(line, "\r\n")
	if err := desk.CheckPassword(name, line); err != nil {
		return "", usagef("%v", err)
	}
	return line, nil
}

func tellPassword(con console, name, password string, own bool) {
	if own {
		fmt.Fprintf(con.out, "%s\n", name)
		return
	}
	fmt.Fprintf(con.out, "%s\t%s\n", name, password)
}

func addStaff(ctx context.Context, h *house, v store.Staff, password string) error {
	hash, err := argon2id.CreateHash(password, passwordCost())
	if err != nil {
		return fmt.Errorf("hash password: %w", err)
	}
	v.Secret, v.CreatedAt, v.GivenAt = hash, h.clock(), h.clock()
	if err := h.store.AddStaff(ctx, v); err != nil {
		return err
	}
	return h.store.Audit(ctx, bot.AuditEntry{At: h.clock(), Actor: "command", Deed: bot.AuditStaffAdd, Subject: v.Name, Reason: v.Role})
}

// worksFor checks that an account's body is one there is, and the role's.
func (h *house) worksFor(ctx context.Context, v store.Staff) error {
	names := h.store.TicketRules().Names
	if v.Role == roleHall {
		return h.hasHall(ctx, v)
	}
	if v.Department != "" && names.Departments[v.Department] == "" {
		return usagef("there is no department %q; there are: %s", v.Department, namedIDs(names.Departments))
	}
	if v.Town != "" && names.Towns[v.Town] == "" {
		return usagef("there is no town %q; there are: %s", v.Town, namedIDs(names.Towns))
	}
	a := actorOf(v)
	switch a.Role {
	case ticket.RoleDepartment, ticket.RoleTown, ticket.RoleVillage, ticket.RoleSocial:
		if !a.Worker() {
			return usagef("role %s needs whom it works for: --department, --town, --village", v.Role)
		}
	default:
		bound := v.Role == "operator" || v.Role == "supervisor"
		if v.Department+v.Village != "" || v.Town != "" && !bound {
			return usagef("role %s works for no department or town", v.Role)
		}
	}
	return nil
}

// namedIDs lists ids with what they stand for.
func namedIDs(names map[string]string) string {
	var all []string
	for _, id := range slices.Sorted(maps.Keys(names)) {
		all = append(all, id+"（"+names[id]+"）")
	}
	return strings.Join(all, " ")
}

// hasHall checks that a clerk's hall is one there is.
func (h *house) hasHall(ctx context.Context, v store.Staff) error {
	halls, err := h.store.Halls(ctx)
	if err != nil {
		return err
	}
	if len(halls) == 0 {
		return usagef("there are no halls yet: services import, or /hall/, makes them")
	}
	if v.Department+v.Village != "" || !slices.ContainsFunc(halls, func(o booking.Hall) bool { return o.ID == v.Town }) {
		return usagef("role hall needs the id of a hall: --town city, --town humen …")
	}
	return nil
}

// actorOf is what an account is to tickets: administrators are of the centre,
// operators of the conversation desk are nothing to them.
func actorOf(v store.Staff) ticket.Actor {
	a := ticket.Actor{Role: ticket.Role(v.Role), Name: v.Name}
	switch v.Role {
	case "administrator":
		a.Role = ticket.RoleCentre
	case "department", "town", "village", "social_worker":
		a.Body = ticket.Body{Department: v.Department, Town: v.Town, Village: v.Village, Social: v.Role == "social_worker"}
	}
	return a
}

// accounts are the store's accounts as the desk needs them.
type accounts struct {
	store *store.Store
	// unknown is the hash of nobody's password: an unknown name takes as
	// long to refuse as a wrong password.
	unknown string
}

func newAccounts(s *store.Store) (accounts, error) {
	hash, err := argon2id.CreateHash(rand.Text(), passwordCost())
	if err != nil {
		return accounts{}, fmt.Errorf("hash password: %w", err)
	}
	return accounts{store: s, unknown: hash}, nil
}

// Account implements desk.Accounts.
func (a accounts) Account(ctx context.Context, name string) (desk.Account, error) {
	v, err := a.store.StaffMember(ctx, name)
	if errors.Is(err, store.ErrNoStaff) {
		return desk.Account{Hash: a.unknown}, desk.ErrNoAccount
	}
	return accountOf(v), err
}

func accountOf(v store.Staff) desk.Account {
	return desk.Account{Name: v.Name, Role: v.Role, Town: v.Town, Hash: v.Secret, Given: v.GivenAt, Stage: v.Stage, Actor: actorOf(v), Simulated: v.Simulated}
}

// Accounts implements desk.Accounts.
func (a accounts) Accounts(ctx context.Context) ([]desk.Account, error) {
	all, err := a.store.Staff(ctx)
	out := make([]desk.Account, 0, len(all))
	for _, v := range all {
		out = append(out, accountOf(v))
	}
	return out, err
}

// StartSession implements desk.Accounts.
func (a accounts) StartSession(ctx context.Context, token, name, stage string, at time.Time) error {
	return a.store.StartSession(ctx, token, name, stage, at)
}

// Signed implements desk.Accounts.
func (a accounts) Signed(ctx context.Context, token string, began, used time.Time) (desk.Account, error) {
	v, err := a.store.Session(ctx, token, began, used)
	if errors.Is(err, store.ErrNoStaff) {
		return desk.Account{}, desk.ErrNoAccount
	}
	return accountOf(v), err
}

// factors are the store's second factors as the desk needs them.
type factors struct{ *store.Store }

// Factor implements desk.Factors.
func (f factors) Factor(ctx context.Context, staff string) (desk.Factor, error) {
	v, err := f.Store.Factor(ctx, staff)
	return desk.Factor{Secret: v.Secret, Confirmed: !v.ConfirmedAt.IsZero(), Recovery: v.Recovery}, err
}

// passkeys are accounts' security keys.
type passkeys struct{ *store.Store }

// Passkeys implements desk.Passkeys.
func (p passkeys) Passkeys(ctx context.Context, staff string) ([]desk.Passkey, error) {
	all, err := p.Store.Passkeys(ctx, staff)
	var out []desk.Passkey
	for _, v := range all {
		out = append(out, desk.Passkey{Key: passkey.Key{ID: v.ID, Body: v.Body}, Name: v.Name, At: v.At, UsedAt: v.UsedAt})
	}
	return out, err
}

// AddPasskey implements desk.Passkeys.
func (p passkeys) AddPasskey(ctx context.Context, staff string, k desk.Passkey) error {
	return p.Store.AddPasskey(ctx, staff, store.Passkey{ID: k.ID, Name: k.Name, Body: k.Body, At: k.At})
}

// UsePasskey implements desk.Passkeys.
func (p passkeys) UsePasskey(ctx context.Context, staff string, k passkey.Key, at time.Time) error {
	return p.Store.UsePasskey(ctx, staff, k.ID, k.Body, at)
}

// mustHaveFactor says which roles sign in with a second factor, by the setting.
func mustHaveFactor(setting string) func(role string) bool {
	return func(role string) bool {
		return setting == "everyone" || setting == "supervisors" && (role == "supervisor" || role == "administrator")
	}
}

// SignIns implements desk.SignIns.
func (a accounts) SignIns(ctx context.Context, staff, token string, began, used time.Time) ([]desk.SignIn, error) {
	all, err := a.store.SignIns(ctx, staff, token, began, used)
	var out []desk.SignIn
	for _, v := range all {
		out = append(out, desk.SignIn(v))
	}
	return out, err
}

// EndSignIn implements desk.SignIns.
func (a accounts) EndSignIn(ctx context.Context, staff, id, token string) (int64, error) {
	return a.store.EndSignIn(ctx, staff, id, token)
}

// Used implements desk.Accounts.
func (a accounts) Used(ctx context.Context, token string, at time.Time) error {
	return a.store.SessionUsed(ctx, token, at)
}

// EndSession implements desk.Accounts.
func (a accounts) EndSession(ctx context.Context, token string) error {
	return a.store.EndSession(ctx, token)
}

// SetPassword implements desk.Passwords: the password is the account's own.
func (a accounts) SetPassword(ctx context.Context, name, password, token string) error {
	hash, err := argon2id.CreateHash(password, passwordCost())
	if err != nil {
		return fmt.Errorf("hash password: %w", err)
	}
	return a.store.ResetStaff(ctx, name, hash, token, time.Time{})
}

// Check implements desk.Accounts.
func (a accounts) Check(password, hash string) (bool, error) {
	return argon2id.ComparePasswordAndHash(password, hash)
}
