package examples

import (
	"errors"
	"fmt"
	"strings"
)

// A phrasing stands for the utterances it makes: what is in brackets is one of
// several, {证} and its like one of a list below, and the rest is said as it
// stands.
//
//	(帮我|麻烦)约(个|一个)号，办{证}
//
// Not every combination is made, which would drown what was written by hand:
// every alternative comes about twice, and no phrasing gives more than most.
const (
	timesEach   = 2
	mostUttered = 14
)

// drawn are the lists phrasings draw from.
func drawn() map[string][]string {
	return map[string][]string{
		"证": {"身份证", "居住证", "社保卡", "护照", "港澳通行证", "驾驶证", "营业执照", "户口", "公积金", "不动产证", "结婚证", "残疾证", "医保", "老年优待证", "出生证", "无犯罪证明"},
		"厅": {"莞城", "南城", "东城", "万江", "虎门", "长安", "厚街", "塘厦", "常平", "大朗", "寮步", "石龙", "清溪", "凤岗", "樟木头", "麻涌"},
		"日": {"明天", "后天", "下周三", "周五", "下周一上午", "这周六", "十五号", "明天下午", "下个月初", "星期二", "月底", "大后天"},
		"亲": {"我妈", "我爸", "我奶奶", "我老婆", "我老公", "我儿子", "我女儿", "我外婆", "我岳父", "我弟弟"},
		"址": {
			"长安镇锦厦一路18号", "厚街三屯村5巷3号", "东城星河传说12栋", "南城蛤地新村402", "常平火车站对面", "大朗镇富民路", "寮步石大路旁边", "虎门镇金洲社区", "塘厦莲湖公园门口", "石龙老城区二楼",
			"万江石美三坊", "凤岗官井头工业区", "清溪九乡村", "樟木头官仓社区", "黄江镇田美大街66号", "茶山塘角村", "石排镇福隆", "高埗欧邓", "麻涌古梅路", "望牛墩洲湾", "中堂镇东泊", "沙田穗丰年", "道滘九曲村", "横沥镇张坑", "松山湖科苑路",
		},
		"名": {"王建国", "李小红", "陈伟强", "张丽", "黄志辉", "刘春梅", "何永健", "梁婉仪", "周大海", "谢先生", "邓女士", "卢国华"},
		"号": {"13712340001", "15900112233", "18688997766", "13450098871", "17722334455", "13925011002"},
	}
}

// chunk is a part of a phrasing: one of these is said.
type chunk []string

// uttered makes the utterances of a phrasing, none twice.
func uttered(phrasing string) ([]string, error) {
	chunks, err := chunksOf(phrasing)
	if err != nil {
		return nil, err
	}
	all, widest := 1, 1
	for _, c := range chunks {
		all, widest = min(all*len(c), 1<<20), max(widest, len(c))
	}
	n := min(all, max(timesEach*widest, 4), mostUttered)
	var out []string
	seen := make(map[string]bool)
	for k := 0; len(out) < n && k < 8*n; k++ {
		var b strings.Builder
		for place, c := range chunks {
			say(&b, c[turn(k, place, len(c))])
		}
		if text := b.String(); !seen[text] {
			seen[text] = true
			out = append(out, text)
		}
	}
	return out, nil
}

// say adds what is said next, apart from a Latin word before it.
func say(b *strings.Builder, next string) {
	before := b.String()
	if before != "" && next != "" && wordly(before[len(before)-1]) && wordly(next[0]) {
		b.WriteByte(' ')
	}
	b.WriteString(next)
}

func wordly(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// turn is whose turn it is among n at a place: each comes once a round, in
// another order at every place and in every round.
func turn(k, place, n int) int {
	round := k / n
	return (k%n + mix(place, round)) % n
}

func mix(a, b int) int {
	h := uint32(a+1)*2654435761 ^ uint32(b+1)*2246822519
	h ^= h >> 15
	h *= 2654435761
	return int(h >> 8)
}

func chunksOf(phrasing string) ([]chunk, error) {
	lists := drawn()
	var out []chunk
	for rest := phrasing; rest != ""; {
		at := strings.IndexAny(rest, "({")
		switch {
		case at < 0:
			return append(out, chunk{rest}), nil
		case at > 0:
			out, rest = append(out, chunk{rest[:at]}), rest[at:]
		}
		end := strings.IndexAny(rest, ")}")
		if end < 0 {
			return nil, errors.New("a bracket is not closed")
		}
		inside := rest[1:end]
		if rest[0] == '{' {
			list, known := lists[inside]
			if !known {
				return nil, fmt.Errorf("there is no list {%s}", inside)
			}
			out, rest = append(out, list), rest[end+1:]
			continue
		}
		end, err := closing(rest)
		if err != nil {
			return nil, err
		}
		one, err := alternatives(rest[1:end], lists)
		if err != nil {
			return nil, err
		}
		out, rest = append(out, one), rest[end+1:]
	}
	return out, nil
}

// closing is where the bracket that opens a text closes.
func closing(text string) (int, error) {
	end := strings.IndexByte(text, ')')
	if end < 0 || strings.IndexByte(text[1:end], '(') >= 0 {
		return 0, errors.New("brackets must close and not stand in each other")
	}
	return end, nil
}

// alternatives parts what stands in brackets and fills in lists, one word of
// the list to each.
func alternatives(inside string, lists map[string][]string) (chunk, error) {
	var out chunk
	for i, one := range strings.Split(inside, "|") {
		from, to := strings.IndexByte(one, '{'), strings.IndexByte(one, '}')
		if from >= 0 && to > from {
			list, known := lists[one[from+1:to]]
			if !known {
				return nil, fmt.Errorf("there is no list %s", one[from:to+1])
			}
			for k := range 2 {
				out = append(out, one[:from]+list[mix(i+3*len(inside), k)%len(list)]+one[to+1:])
			}
			continue
		}
		out = append(out, one)
	}
	return out, nil
}
