package knowledge

import "strings"

// deeds are groups of words for what is to be done with a thing. A question
// for one deed is not answered from a guide that speaks of none of its group:
// 营业执照变更 is not 营业执照 anew.
var deeds = splitDeeds(`
丢失 遗失 丢了 不见 被偷 补办 补领 挂失 掉了 弄丢 补证 补卡 补换 补发
换领 换证 更换 到期 过期 期满 换发 换新 续签 签注 年审 续期 延续 延期 换了
变更 更改 修改 更名 改名 更正 增项
注销 撤销 销户 关店 吊销 结业
迁移 迁出 迁入 迁户 转出 转入
年检 检验 年报
抵押 解押 押掉
退费 退款 退保 退税 退钱
转让 过户 转移
停保 暂停 停业 歇业 恢复 复业
开业 开办 新办 设立 新设
合并 分立 破产
报废 改装
考试 报考 科目
违章 扣分 罚款 处罚
赔偿 理赔
贷款 按揭
查询 打印
`)

// deedGroup is the group of each of those words, by their first two
// characters.
type deedGroups map[term]int

func splitDeeds(s string) deedGroups {
	groups := deedGroups{}
	for i, line := range strings.Split(strings.TrimSpace(s), "\n") {
		for _, w := range strings.Fields(line) {
			r := []rune(w)
			groups[pairTerm(r[0], r[1])] = i
		}
	}
	return groups
}

// deedsOf are the groups of deeds a question names, each with where its words
// stand.
func (x *index) deedsOf(text []rune) [][][]posting {
	var found uint64
	for i := 0; i+1 < len(text); i++ {
		if g, ok := deeds[pairTerm(text[i], text[i+1])]; ok {
			found |= 1 << g
		}
	}
	if found == 0 {
		return nil
	}
	lists := map[int][][]posting{}
	for t, g := range deeds {
		if found&(1<<g) != 0 {
			if w := x.look(t); w.known {
				lists[g] = append(lists[g], x.postings[w.from:w.to])
			} else if lists[g] == nil {
				lists[g] = [][]posting{}
			}
		}
	}
	asked := make([][][]posting, 0, len(lists))
	for _, l := range lists {
		asked = append(asked, l)
	}
	return asked
}

// does tells whether a guide speaks of every deed asked for.
func does(asked [][][]posting, u uint32) bool {
	for _, group := range asked {
		spoken := false
		for _, list := range group {
			if in, _ := stands(list, u); in {
				spoken = true
				break
			}
		}
		if !spoken {
			return false
		}
	}
	return true
}

// deedNames are the groups of deeds in a guide's title, as bits.
func deedNames(title []rune) uint64 {
	var found uint64
	for i := 0; i+1 < len(title); i++ {
		if g, ok := deeds[pairTerm(title[i], title[i+1])]; ok {
			found |= 1 << g
		}
	}
	return found
}

// otherDeed tells whether a question is for one deed and a guide, by its title,
// for another, and says nothing of the first: 停业 is not 开业.
func (x *index) otherDeed(c *candidate, r *routed) bool {
	if does(r.deeds, c.unit) {
		return false
	}
	asked := deedNames(r.text)
	titled := x.titled[c.guide]
	return asked != 0 && titled != 0 && asked&titled == 0
}
