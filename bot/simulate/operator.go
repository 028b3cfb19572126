package simulate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"time"
)

// Desk is where simulated operators work: the operators' own door, by the
// requests its page makes.
type Desk struct {
	URL string // scheme and host
	// Accounts are names and passwords, one for each operator. The service lets
	// a simulated account see nobody but simulated citizens.
	Accounts []Account
	Think    time.Duration // how long an operator reads and writes on average
	Seed     uint64
}

// Account is what an operator signs in with.
type Account struct {
	Name     string `json:"name"`
	Password string `json:"password"`
}

// Shift is what came of the operators' work.
type Shift struct {
	Taken  int `json:"taken"`
	Said   int `json:"said"`
	Ended  int `json:"ended"`
	Back   int `json:"given_back"`
	Missed int `json:"missed"` // somebody else was quicker
}

func (s *Shift) add(v Shift) {
	s.Taken += v.Taken
	s.Said += v.Said
	s.Ended += v.Ended
	s.Back += v.Back
	s.Missed += v.Missed
}

// Work has the operators serve until ctx ends, and then finish what there is.
func (d Desk) Work(ctx context.Context) (Shift, error) {
	type done struct {
		v   Shift
		err error
	}
	all := make(chan done, len(d.Accounts))
	for i, a := range d.Accounts {
		go func() {
			o := newOperator(d, a, rand.New(rand.NewPCG(d.Seed, uint64(i)+77)))
			err := o.work(ctx)
			all <- done{o.did, err}
		}()
	}
	var sum Shift
	var errs []error
	for range d.Accounts {
		v := <-all
		sum.add(v.v)
		errs = append(errs, v.err)
	}
	return sum, errors.Join(errs...)
}

// operator is one who is played.
type operator struct {
	desk   Desk
	as     Account
	rand   *rand.Rand
	client *http.Client
	did    Shift
}

// lastDeeds is how long it may take to serve who waits still.
const lastDeeds = 30 * time.Second

func newOperator(d Desk, a Account, r *rand.Rand) *operator {
	jar, _ := cookiejar.New(nil) // never fails without options
	return &operator{desk: d, as: a, rand: r, client: &http.Client{Jar: jar, Timeout: 15 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

func (o *operator) work(ctx context.Context) error {
	if err := o.signIn(ctx); err != nil {
		return fmt.Errorf("operator %s signs in: %w", o.as.Name, err)
	}
	var err error
	for err == nil && sleep(ctx, o.pause()) {
		err = o.serve(ctx)
	}
	if ctx.Err() == nil {
		return err
	}
	end, stop := context.WithTimeout(context.WithoutCancel(ctx), lastDeeds)
	defer stop()
	if err := o.finish(end); err != nil && end.Err() == nil {
		return fmt.Errorf("operator %s goes home: %w", o.as.Name, err)
	}
	return nil
}

// finish serves who waits still and ends all that is held.
func (o *operator) finish(ctx context.Context) error {
	for {
		rows, err := o.queue(ctx)
		if err != nil {
			return err
		}
		waiting := 0
		for _, r := range rows {
			if r.Status == "waiting" {
				waiting++
			}
			if r.Operator != o.as.Name {
				continue
			}
			o.did.Ended++
			if err := o.deed(ctx, r.Citizen, "close", map[string]any{}); err != nil {
				return err
			}
		}
		if waiting == 0 {
			return nil
		}
		if err := o.serve(ctx); err != nil {
			return err
		}
	}
}

func (o *operator) pause() time.Duration {
	return time.Duration(o.rand.ExpFloat64() * float64(o.desk.Think))
}

// row is a conversation in the queue, as far as it matters here.
type row struct {
	Citizen    string  `json:"citizen"`
	Status     string  `json:"status"`
	Operator   string  `json:"operator"`
	Unanswered *string `json:"unanswered"`
	Offered    string  `json:"offered"`
}

// atOnce is how many conversations an operator holds.
const atOnce = 3

// serve does the next thing there is to do: answer, end, or take the next.
func (o *operator) serve(ctx context.Context) error {
	rows, err := o.queue(ctx)
	if err != nil {
		return err
	}
	held := 0
	for _, r := range rows {
		if r.Status != "taken" || r.Operator != o.as.Name {
			continue
		}
		held++
		switch chance := o.rand.Float64(); {
		case r.Unanswered != nil:
			return o.say(ctx, r.Citizen, pick(o.rand, []string{"我查了一下，这项业务在大厅一楼综合窗口办。", "已经登记好了，有进展会通知您。", "请带身份证原件，十五分钟就能办好。", "这件事我转给负责的部门，他们会联系您。"}))
		case chance < .35:
			o.did.Ended++
			return o.deed(ctx, r.Citizen, "close", map[string]any{"text": pick(o.rand, []string{"已答复", "市民满意", ""})})
		case chance < .5:
			o.did.Back++
			return o.deed(ctx, r.Citizen, "back", map[string]any{})
		case chance < .6:
			return o.deed(ctx, r.Citizen, "note", map[string]any{"text": pick(o.rand, []string{"市民着急，先答复", "已核实过窗口时间", "下午再回访一次"})})
		}
	}
	if held >= atOnce {
		return nil
	}
	for _, r := range rows {
		if r.Status != "waiting" || r.Offered != "" && r.Offered != o.as.Name {
			continue
		}
		if err := o.deed(ctx, r.Citizen, "take", map[string]any{}); err != nil {
			return err
		}
		o.did.Taken++
		return o.say(ctx, r.Citizen, "您好，我是"+o.as.Name+"。前面的我都看到了，马上帮您看。")
	}
	return nil
}

func (o *operator) say(ctx context.Context, citizen, words string) error {
	o.did.Said++
	return o.deed(ctx, citizen, "say", map[string]any{"text": words, "key": fmt.Sprintf("sim-%08x-%08x", o.rand.Uint32(), o.rand.Uint32()), "seen": int64(1) << 50})
}

// deed does something to a conversation; that a colleague was quicker is no
// fault.
func (o *operator) deed(ctx context.Context, citizen, name string, body map[string]any) error {
	status, _, err := o.ask(ctx, http.MethodPost, "/desk/conversation/"+url.PathEscape(citizen)+"/"+name, body)
	if err == nil && status == http.StatusConflict {
		o.did.Missed++
		return nil
	}
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("the desk answers %d", status)
	}
	if err != nil {
		return fmt.Errorf("%s a conversation: %w", name, err)
	}
	return nil
}

func (o *operator) queue(ctx context.Context) ([]row, error) {
	status, raw, err := o.ask(ctx, http.MethodGet, "/desk/queue", nil)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("the desk answers %d", status)
	}
	var v struct{ Rows []row }
	if err == nil {
		err = json.Unmarshal(raw, &v)
	}
	if err != nil {
		return nil, fmt.Errorf("read the queue: %w", err)
	}
	return v.Rows, nil
}

func (o *operator) signIn(ctx context.Context) error {
	form := url.Values{"name": {o.as.Name}, "password": {o.as.Password}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, o.desk.URL+"/desk/login", bytes.NewBufferString(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r, err := o.client.Do(req)
	if err != nil {
		return err
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") != "/desk/" {
		return fmt.Errorf("the desk answers %d", r.StatusCode)
	}
	return nil
}

func (o *operator) ask(ctx context.Context, method, path string, body any) (int, []byte, error) {
	var from io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return 0, nil, err
		}
		from = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, o.desk.URL+path, from)
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	r, err := o.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer r.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(r.Body, 8<<20))
	return r.StatusCode, raw, err
}
