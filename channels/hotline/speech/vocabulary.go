package speech

// pronunciations are words that espeak-ng's Mandarin reads wrong, with pinyin
// in the place of what it gets wrong; it obeys pinyin with tone digits. The
// tests compare each with what `espeak-ng -x` says.
var pronunciations = map[string]string{
	// Places of Dongguan.
	"东莞": "东guan3", "莞城": "guan3城", "莞家": "guan3家", "莞": "guan3",
	"麻涌": "ma2chong1", "塘厦": "塘xia4", "企石": "qi3石", "大岭山": "大ling3山",
	// Words of the counter.
	"银行": "银hang2", "行业": "hang2业", "商行": "商hang2", "央行": "央hang2",
	"重庆": "chong2庆", "重新": "chong2新", "重复": "chong2复", "重做": "chong2做", "重办": "chong2办",
	"长者": "zhang3者", "家长": "家zhang3", "局长": "局zhang3", "市长": "市zhang3", "镇长": "镇zhang3", "校长": "校zhang3", "成长": "成zhang3",
	"会计": "kuai4计", "应该": "ying1该", "便宜": "pian2yi5", "答应": "答ying5",
	"得到": "de2到", "取得": "取de2", "获得": "获de2", "所得": "所de2", "必须得": "必须dei3",
	"出差": "出chai1", "数量": "shu4量", "请假": "请jia4", "放假": "放jia4", "假期": "jia4期",
	"着急": "zhao2急", "着火": "zhao2火", "了解": "liao3解", "为了": "wei4le5",
	"调解": "tiao2解", "调整": "tiao2整", "空调": "空tiao2", "调节": "tiao2节",
	"归还": "归huan2", "退还": "退huan2", "还款": "huan2款", "偿还": "偿huan2",
	"处理": "chu3理", "处分": "chu3分", "处罚": "chu3罚",
	"空位": "kong4位", "更改": "geng1改", "变更": "变geng1", "更新": "geng1新", "更换": "geng1换", "更正": "geng1正",
	"参与": "参yu4", "兴建": "xing1建", "倒闭": "dao3闭", "尽快": "jin3快", "尽管": "jin3管", "尽量": "jin3量",
	"一只": "一zhi1", "测量": "测liang2", "供应": "供ying4", "提供": "提gong1", "担保": "担保",
	// 地 is read as the particle de unless told otherwise.
	"慢慢地": "慢慢de5", "好好地": "好好de5", "地": "di4",
	"都": "dou1", "首都": "首du1", "成都": "成du1",
}

// cantonese are words whose readings espeak-ng's Cantonese gets wrong, with
// characters that sound as they should.
var cantonese = map[string]string{
	"麻涌": "麻冲", "东涌": "东冲", "幺": "一",
}

// letters are the names of Latin letters in pinyin.
var letters = [26]string{
	"ei1", "bi4", "xi1", "di4", "yi4", "ai2fu5", "ji4", "ei1chi5", "ai4", "zhei4", "kei4", "ai2lou5", "ai2mu5",
	"en1", "ou1", "pi1", "kiu1", "a1er5", "ai2si5", "ti4", "you1", "wei1", "da2bu5liu5", "ai2ke5si5", "wai4", "zei4",
}

// said are Latin words that have a Chinese name.
var said = map[string]string{
	"app": "应用", "wechat": "微信", "wifi": "无线网", "ok": "好", "pdf": "P D F", "sms": "短信", "email": "电子邮件", "h5": "网页",
}
