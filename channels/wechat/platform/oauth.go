package platform

import (
	"context"
	"errors"
	"fmt"
	"net/url"
)

// authorizePage is the platform's page that tells a browser inside WeChat who
// it is (网页授权). It is no part of the API and has its own host.
const authorizePage = "https://open.weixin.qq.com/connect/oauth2/authorize"

// AuthorizeURL is where a browser goes to come back with a code. The scope is
// snsapi_base: the citizen is asked nothing and only the openid is learnt. The
// order of the parameters is the document's; the platform refuses another.
func (a *API) AuthorizeURL(back, state string) string {
	return authorizePage + "?appid=" + url.QueryEscape(a.appID) + "&redirect_uri=" + url.QueryEscape(back) +
		"&response_type=code&scope=snsapi_base&state=" + url.QueryEscape(state) + "#wechat_redirect"
}

// OpenID exchanges the code a browser came back with (GET
// /sns/oauth2/access_token). A code serves once and for five minutes: 40029
// and 40163 are refusals of an invalid and of a used one.
func (a *API) OpenID(ctx context.Context, code string) (string, error) {
	var out struct {
		refusal
		OpenID string `json:"openid"`
	}
	query := url.Values{"appid": {a.appID}, "secret": {a.secret}, "code": {code}, "grant_type": {"authorization_code"}}
	if err := a.exchange(ctx, "GET", "/sns/oauth2/access_token", query, nil, &out); err != nil {
		return "", fmt.Errorf("exchange sign-in code: %w", notUnknown(err))
	}
	if out.OpenID == "" {
		return "", errors.New("exchange sign-in code: the answer names nobody")
	}
	return out.OpenID, nil
}
