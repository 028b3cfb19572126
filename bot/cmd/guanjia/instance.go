package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"guanjia/bot/cluster"
	"guanjia/bot/metrics"
	"guanjia/bot/store"
	"guanjia/bot/tracing"
)

// Times of an instance among others.
const (
	// patience is how long a request waits for an instance that leads: WeChat
	// gives up a try after five seconds.
	patience = 4700 * time.Millisecond
	// watchTime is how often an instance looks who leads.
	watchTime = 200 * time.Millisecond
)

// The doors, as instances name them to each other.
const (
	publicDoor  = "public"
	innerDoor   = "inner"
	commandDoor = "command" // of the machine itself
)

// instance is this process among several on one database. Its doors stay open
// while it follows, and while it leads.
type instance struct {
	*program
	carrier   *cluster.Carrier
	candidate *store.Candidate
	doors     doors
	traces    *tracing.Tracer
	greeted   bool
	rest      func(context.Context) error // ends the lead there is
}

// openInstance works as one of several until ctx ends.
func openInstance(ctx context.Context, p *program, traces *tracing.Tracer) (err error) {
	i := &instance{program: p, traces: traces, doors: doors{log: p.log}}
	o, err := recordsOf(p.settings)
	if err != nil {
		return err
	}
	i.candidate, err = store.Stand(ctx, o)
	if errors.Is(err, store.ErrAlone) {
		return usagef("peer_addr: %v", err)
	}
	if err != nil {
		return err
	}
	defer i.candidate.Close()
	secret, err := i.candidate.Secret("peers")
	if err != nil {
		return err
	}
	i.carrier, err = cluster.New(cluster.Config{Secret: secret, Repeatable: repeatable, Patience: patience, Sorry: http.HandlerFunc(betweenTwo), Log: p.log})
	if err != nil {
		return err
	}
	defer i.carrier.Close()
	if err := i.doors.listen(p.settings); err != nil {
		return err
	}
	peers, err := listenOn("peer_addr", p.settings.PeerAddr)
	if err != nil {
		return errors.Join(err, i.doors.close())
	}
	local, err := listen(p.settings.DataDir, i.carrier.Door(commandDoor), p.log)
	if err != nil {
		return errors.Join(err, i.doors.close(), peers.Close())
	}
	var owned sync.WaitGroup
	failed := make(chan error, 3)
	i.doors.open(&owned, i.carrier.Door(publicDoor), i.inner(), failed)
	i.doors.serve(&owned, i.carrier.Peers(), i.carrier.Listen(peers), failed)
	owned.Go(func() { local.serve(ctx, i.settings.DrainTimeout) })
	return errors.Join(i.follow(ctx, failed), i.leave(ctx, &owned))
}

// leave ends an instance: what is at its doors goes to who leads next.
func (i *instance) leave(ctx context.Context, owned *sync.WaitGroup) error {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), i.settings.DrainTimeout)
	defer stop()
	shut := make(chan error, 1)
	go func() { shut <- i.doors.shut(ctx) }()
	ticker := time.NewTicker(watchTime)
	defer ticker.Stop()
	for {
		i.look(ctx)
		select {
		case <-ticker.C:
		case err := <-shut:
			owned.Wait()
			return err
		}
	}
}

// follow carries requests to the instance that leads, and leads when none does.
func (i *instance) follow(ctx context.Context, failed <-chan error) error {
	ticker := time.NewTicker(watchTime)
	defer ticker.Stop()
	for {
		if free := i.look(ctx); free && ctx.Err() == nil {
			err := i.work(ctx, i.traces, i)
			switch {
			case ctx.Err() != nil && errors.Is(err, context.Canceled):
				return nil // asked to end while it opened the records
			case err != nil && !i.outlives(err):
				return err
			}
		}
		select {
		case <-ticker.C:
		case err := <-failed:
			return err
		case <-ctx.Done():
			return nil
		}
	}
}

// look finds out who leads; free is that nobody does.
func (i *instance) look(ctx context.Context) (free bool) {
	leader, err := i.candidate.Leader(ctx)
	switch {
	case err != nil:
		if ctx.Err() == nil {
			i.log.Warn("the database does not say who leads", "error", err)
		}
		leader = store.Leader{}
	case leader.Held:
		i.greet()
	default:
		leader, free = store.Leader{}, true
	}
	i.carrier.Follow(leader.Address)
	return free
}

// outlives says whether an instance goes on following after its lead, or its
// try to lead, ended so.
func (i *instance) outlives(err error) bool {
	for _, passing := range []error{store.ErrLocked, store.ErrFenced, store.ErrUnreachable, store.ErrLost, store.ErrUnknown} {
		if errors.Is(err, passing) {
			i.log.Warn("this instance does not lead", "error", err)
			return true
		}
	}
	return false
}

// lead answers by a service's doors.
func (i *instance) lead(s *service) {
	i.greeted = true // by the service
	i.rest = i.carrier.Lead(map[string]http.Handler{publicDoor: s.public(), innerDoor: s.noting(s.inner()), commandDoor: flowing(s.owner)}, s.house.store.Fenced(), s.house.store.Assured)
}

// greet says once that this instance stands by.
func (i *instance) greet() {
	if i.greeted {
		return
	}
	i.greeted = true
	fmt.Fprintf(i.con.out, "莞家政务候命中：请求转给正在服务的实例，它停下时由本实例接替\n  试聊      http://%s/\n  坐席工作台 http://%s/desk/\n  实例间    %s\n  数据      %s\n",
		i.doors.public.Addr(), i.doors.inner.Addr(), i.settings.PeerAddr, i.settings.DataDir)
}

// inner is the inner door: what is asked of this process is answered by it,
// everything else by the instance that leads. Ready is who reaches that one.
func (i *instance) inner() http.Handler {
	own := metrics.New()
	i.count(own)
	carried := i.carrier.Door(innerDoor)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", alive)
	mux.Handle("GET /metrics", i.carrier.Own(innerDoor, own.Handler()))
	mux.Handle("GET /readyz", i.carrier.Own(innerDoor, carried))
	mux.Handle("/", carried)
	return mux
}

// count adds the instance's figures; there are none of a process alone.
func (i *instance) count(f *metrics.Figures) {
	if i == nil {
		return
	}
	f.Gauge("guanjia_instance_leads", "1 where this instance does the work, 0 where it carries requests to the one that does.", func() float64 {
		if i.carrier.Leading() {
			return 1
		}
		return 0
	})
	f.Counts("guanjia_instance_requests_total", "Requests at an instance's doors, by what became of them: carried to who leads, tried again, in vain, answered in vain because the lead was taken.", "what", i.carrier.Figures)
}

// repeatable says which POSTs may be made twice: the platform's callback, whose
// messages are told apart by their ids.
func repeatable(r *http.Request) bool { return r.URL.Path == "/wechat" }

// betweenTwo answers who came while no instance led, or whose request met the
// end of one: whether it was carried out is not known here.
func betweenTwo(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Retry-After", "5")
	http.Error(w, "系统正在切换，请过几秒钟刷新页面看一看：刚才的操作如果没有成功，请再试一次。", http.StatusServiceUnavailable)
}
