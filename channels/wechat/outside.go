package wechat

import "fmt"

// Choice is an option to tap. It becomes platform.Choice when that is there.
type Choice struct{ ID, Content string }

// apiError is a refusal of the platform, by its code.
type apiError struct {
	Code    int
	Message string
	Err     error
}

func (e *apiError) Error() string { return fmt.Sprintf("wechat %d: %s", e.Code, e.Message) }
func (e *apiError) Unwrap() error { return e.Err }
