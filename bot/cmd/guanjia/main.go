// Command guanjia is 莞家政务: the service that answers the people of Dongguan
// on WeChat, in a browser and on the telephone, and the tools to run it. It
// ties the parts together and holds nothing that belongs to one of them.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"reflect"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"guanjia/config"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	cwd, err := os.Getwd()
	if err != nil {
		cwd = "."
	}
	p := &program{args: os.Args[1:], cwd: cwd, env: os.Environ(), con: console{os.Stdin, os.Stdout, os.Stderr}}
	err = p.run(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, "guanjia: "+oneLine(err))
	}
	os.Exit(exitStatus(err))
}

// oneLine is an error as one line.
func oneLine(err error) string {
	return strings.Join(strings.FieldsFunc(err.Error(), func(r rune) bool { return r == '\n' || r == '\r' }), "; ")
}

// grammar is the command line.
type grammar struct {
	Config string `help:"File of settings (YAML or JSON)." placeholder:"FILE"`
	Data   string `help:"Data directory (the setting data_dir)." placeholder:"DIR"`
	kong.Plugins

	Serve       serveCommand      `cmd:"" help:"Run the whole service."`
	Chat        chatCommand       `cmd:"" help:"Talk to the service in the terminal."`
	Understand  understandCommand `cmd:"" help:"What the intent layer makes of utterances, a JSON object a line in and out."`
	Knowledge   knowledgeCommand  `cmd:"" help:"Service guides."`
	Intents     intentsCommand    `cmd:"" help:"The intent layer."`
	Test        testCommand       `cmd:"" help:"Run conversation tests."`
	List        listCommand       `cmd:"" help:"Show records."`
	Services    servicesCommand   `cmd:"" help:"Services and halls that can be booked."`
	Openings    openingsCommand   `cmd:"" help:"Openings (号源)."`
	WeChat      wechatCommand     `cmd:"" name:"wechat" help:"The official account."`
	Check       checkCommand      `cmd:"" help:"Check settings, keys, knowledge and examples; every fault at once."`
	Staff       staffCommand      `cmd:"" help:"Desk accounts."`
	Demo        demoCommand       `cmd:"" help:"Sample records."`
	Audit       auditCommand      `cmd:"" help:"The audit trail."`
	Key         keyCommand        `cmd:"" help:"The installation's key."`
	Backup      backupCommand     `cmd:"" help:"Copy the records into a file, while the service runs."`
	Restore     restoreCommand    `cmd:"" help:"Put a backup into an empty data directory."`
	MigrateData moveCommand       `cmd:"" name:"migrate-data" help:"Move the records of the data directory into the PostgreSQL database of database_url."`
	Simulate    simulateCommand   `cmd:"" help:"Play citizens against a running service."`
}

// command is something the program can do.
type command interface {
	run(ctx context.Context, p *program) error
}

// run reads the command line and carries it out.
func (p *program) run(ctx context.Context) error {
	var g grammar
	flags := newSettingFlags()
	g.Plugins = kong.Plugins{flags.values.Interface()}
	left := false
	parser, err := kong.New(&g, kong.Name("guanjia"), kong.Description("莞家政务: appointments, requests for help, reports and service guides of Dongguan."),
		kong.Writers(p.con.out, p.con.err), kong.Exit(func(int) { left = true }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}))
	if err != nil {
		return fmt.Errorf("build command line: %w", err)
	}
	line, err := parser.Parse(p.args)
	if left {
		return nil
	}
	if err != nil {
		return usageError{err}
	}
	cmd, ok := line.Selected().Target.Addr().Interface().(command)
	if !ok {
		return usagef("the command %q does nothing by itself", line.Command())
	}
	if err := p.settle(g, flags); err != nil && !runsWithFaults(cmd) {
		return usageError{err}
	}
	p.log = slog.New(slog.NewTextHandler(p.con.err, nil))
	return cmd.run(ctx, p)
}

// runsWithFaults is true of the command that lists the faults itself.
func runsWithFaults(c command) bool {
	_, ok := c.(*checkCommand)
	return ok
}

// settle loads the settings.
func (p *program) settle(g grammar, flags settingFlags) error {
	given := flags.given()
	if g.Data != "" {
		given["data_dir"] = g.Data
	}
	file := g.Config
	if file != "" {
		file = p.path(file)
	}
	var err error
	p.settings, p.lines, err = config.Load(config.Input{File: file, Env: p.env, Flags: given})
	p.settings.DataDir = p.path(p.settings.DataDir)
	p.kept = g.Data != ""
	p.faults = err
	return err
}

// settingFlags are flags for every setting, made of the list of settings.
type settingFlags struct {
	keys   []string
	values reflect.Value // pointer to a struct with a *string for each key
}

func newSettingFlags() settingFlags {
	var f settingFlags
	var fields []reflect.StructField
	for i, o := range config.Options() {
		if o.Key == "data_dir" {
			continue // --data
		}
		tag := fmt.Sprintf(`name:%q help:%q placeholder:"VALUE" hidden:""`, strings.ReplaceAll(o.Key, "_", "-"), o.Help)
		fields = append(fields, reflect.StructField{Name: fmt.Sprintf("Setting%d", i), Type: reflect.TypeFor[*string](), Tag: reflect.StructTag(tag)})
		f.keys = append(f.keys, o.Key)
	}
	f.values = reflect.New(reflect.StructOf(fields))
	return f
}

// given are the settings named on the command line.
func (f settingFlags) given() map[string]string {
	out := map[string]string{}
	for i, key := range f.keys {
		if v, ok := f.values.Elem().Field(i).Interface().(*string); ok && v != nil {
			out[key] = *v
		}
	}
	return out
}
