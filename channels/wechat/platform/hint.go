package platform

// Hint says in one line, to those who run the account, what is behind a
// refusal and what helps; empty where the platform's own words must do.
func (e *Error) Hint() string {
	switch e.Code {
	case -1:
		return "微信系统繁忙，稍后再试"
	case 40001, 40014, 42001:
		return "access_token 失效且换新后仍被拒，请检查 wechat_app_id 与 wechat_app_secret 是否属于同一个公众号"
	case 40013:
		return "wechat_app_id 不对"
	case 40125:
		return "wechat_app_secret 不对，或已在公众平台重置"
	case 40164:
		return "本机的出口 IP 不在公众号的 IP 白名单里，请在公众平台“基本配置”中加入"
	case 40016, 40017, 40018, 40019, 40020, 40022, 40023, 40024, 40025, 40026, 40027:
		return "菜单不合微信的格式"
	case 45009, 45011:
		return "调用次数超限，请过一阵再试"
	case 48001, 50001:
		return "公众号没有这个接口的权限，通常是还没有认证"
	case 48004, 50002:
		return "公众号的接口被封禁，请到公众平台查看通知"
	}
	return ""
}
