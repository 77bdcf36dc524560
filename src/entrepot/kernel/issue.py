"""Issues: what can be wrong with an order or a row, as dotted codes with a text in both languages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Issue:
    """One kind of problem: what it means and what a person can do about it, in English and Chinese.

    What may hold an order also has a name of a word or two, for lists.
    """

    code: str
    en: str
    zh: str
    remedy_en: str
    remedy_zh: str
    name_en: str = ""
    name_zh: str = ""

    def name(self, language: str) -> str:
        """A word or two for lists, where it has them, else the meaning; language as in `text`."""
        return (self.name_zh if language.startswith("zh") else self.name_en) or self.text(language)

    def text(self, language: str) -> str:
        """The meaning, in Chinese for a `zh` language code, else in English."""
        return self.zh if language.startswith("zh") else self.en

    def remedy(self, language: str) -> str:
        """What to do about it, in the same language rule as `text`."""
        return self.remedy_zh if language.startswith("zh") else self.remedy_en


_ALL = (
    Issue(
        "orders.no_lines", "The order has no lines.", "订单没有商品行。",
        "Import the order again or cancel it.", "请重新导入该订单或取消。",
        name_en="No lines", name_zh="无商品行",
    ),
    Issue(
        "orders.quantity_invalid", "A line's quantity is not a positive whole number.", "商品行数量不是正整数。",
        "Correct the quantity, or record a return instead.", "请更正数量，或改为登记退货。",
        name_en="Quantity invalid", name_zh="数量无效",
    ),
    Issue(
        "orders.quantity_unusual", "A line's quantity is far above what is usual.", "商品行数量远高于正常水平。",
        "Confirm the quantity with the buyer, then release.", "请与买家确认数量后放行。",
        name_en="Unusual quantity", name_zh="数量异常",
    ),
    Issue(
        "orders.amount_invalid", "An amount of the order is negative.", "订单金额为负数。",
        "Correct the price or the discount.", "请更正价格或折扣。",
        name_en="Amount negative", name_zh="金额为负",
    ),
    Issue(
        "orders.currency_unknown", "The currency is unknown or has no exchange rate on that day.", "币种未知，或当日没有汇率。",
        "Correct the currency or add the rate.", "请更正币种或补充汇率。",
        name_en="Currency unknown", name_zh="币种未知",
    ),
    Issue(
        "orders.channel_unknown", "The sales channel is unknown.", "销售渠道未知。",
        "Add the channel under World → Channels.", "请在“规则 → 渠道”中添加该渠道。",
        name_en="Channel unknown", name_zh="渠道未知",
    ),
    Issue(
        "orders.duplicate", "The same buyer ordered the same goods shortly before.", "同一买家刚刚下过内容相同的订单。",
        "Ask the buyer; release it if both are wanted, else cancel one.", "请联系买家；若两单都需要则放行，否则取消一单。",
        name_en="Duplicate?", name_zh="疑似重复",
    ),
    Issue(
        "orders.margin_low", "The order would earn less than the lowest margin allowed.", "该订单利润率低于允许的最低值。",
        "Release it knowingly, change the price, or choose another way.", "请确认后放行，或调整价格、改用其他路线。",
        name_en="Low margin", name_zh="利润率过低",
    ),
    Issue(
        "orders.held_by_hand", "Somebody put the order on hold.", "订单被人工暂扣。",
        "Read the note, then release or cancel the order.", "请查看备注，然后放行或取消订单。",
        name_en="Held by hand", name_zh="人工拦截",
    ),
    Issue(
        "catalog.sku_unknown", "The catalogue has no such SKU.", "商品目录中没有该 SKU。",
        "Map the line to a SKU of the catalogue.", "请将该行对应到目录中的 SKU。",
        name_en="SKU unknown", name_zh="SKU 未知",
    ),
    Issue(
        "customs.country_unknown", "The destination country is missing or unknown.", "目的国缺失或无法识别。",
        "Correct the address.", "请更正收货地址。",
        name_en="Country unknown", name_zh="目的国未知",
    ),
    Issue(
        "customs.embargo", "Shipments to this destination are embargoed.", "目的地受禁运限制。",
        "Cancel the order; an embargo cannot be released.", "请取消订单；禁运不可放行。",
        name_en="Embargo", name_zh="禁运",
    ),
    Issue(
        "customs.sanctions", "The buyer's name is like a name on a sanctions list.", "买家姓名与制裁名单中的名称相似。",
        "Compare address, date of birth and papers with the entry; release with the reason, or refuse.",
        "请将地址、出生日期、证件与名单条目比对；写明理由后放行，或拒绝。",
        name_en="Sanctions list", name_zh="制裁名单",
    ),
    Issue(
        "customs.prohibited", "The destination prohibits these goods.", "目的地禁止进口该商品。",
        "Cancel the line or the order; it cannot be released.", "请取消该行或该订单；不可放行。",
        name_en="Goods prohibited", name_zh="禁止进口",
    ),
    Issue(
        "customs.restricted", "The destination lets these goods in only with papers.", "目的地仅凭许可文件准许该商品进口。",
        "Obtain the permit, then release with its number.", "取得许可后，注明许可编号放行。",
        name_en="Papers needed", name_zh="需许可文件",
    ),
    Issue(
        "customs.rule_missing", "No import rule is known for this destination on that day; duty and tax are the buyer's and are not computed.",
        "该目的国当日没有已知的进口规则；关税与税费由买家承担，未作计算。",
        "Add the rule under World → Import rules.", "请在“规则 → 进口规则”中补充。",
    ),
    Issue(
        "customs.rule_missing_ddp", "Delivered duty paid was promised, but no import rule or no duty rate is known for this destination on that day.",
        "承诺完税后交货（DDP），但该目的国当日没有已知的进口规则或关税税率。",
        "Add the rule or the rate, or agree DAP with the buyer.", "请补充规则或税率，或与买家改为 DAP。",
        name_en="No import rule", name_zh="缺少进口规则",
    ),
    Issue(
        "customs.tax_rate_missing", "No VAT, GST or sales-tax rate is known for this destination on that day.", "该目的国当日没有已知的增值税/销售税率。",
        "Add the rate under World → VAT rates.", "请在“规则 → 税率”中补充。",
    ),
    Issue(
        "customs.duty_unknown", "The duty cannot be computed: no rate is known for a line, or its quantity in the rate's unit is not.",
        "无法计算关税：某行没有已知税率，或缺少该税率计量单位的数量。",
        "Add the rate under World → Duty rates, or the SKU's measure in that unit.", "请在“规则 → 关税税率”中补充税率，或为该 SKU 填写该单位的数量。",
    ),
    Issue(
        "payments.risk", "The order's risk points reach the limit.", "订单风险评分达到上限。",
        "Check billing, address and payment, then release or cancel.", "请核对账单、地址与付款后放行或取消。",
        name_en="Risk points", name_zh="风险评分高",
    ),
    Issue(
        "catalog.facts_assumed", "Weight, size, HS code, origin or cost is assumed from the category.", "重量、尺寸、HS 编码、原产地或成本为类目假设值。",
        "Enter the real facts of the SKU.", "请录入该 SKU 的真实数据。",
    ),
    Issue(
        "warehouse.stock_out", "Not enough stock in this warehouse.", "该仓库库存不足。",
        "Receive goods, or wait for the next receipt.", "请补货或等待下次入库。",
    ),
    Issue(
        "warehouse.closed", "The warehouse is closed.", "该仓库已关闭。",
        "Open it under World → Warehouses.", "请在“规则 → 仓库”中启用。",
    ),
    Issue(
        "logistics.no_lane", "The service does not go there from this warehouse on that day.", "该服务当日不从此仓发往该国。",
        "Add a lane under World → Lanes.", "请在“规则 → 线路”中添加。",
    ),
    Issue(
        "logistics.too_heavy", "A piece or the parcel is heavier than the service takes.", "单件或包裹超出该服务的重量上限。",
        "Choose another service.", "请选择其他服务。",
    ),
    Issue(
        "logistics.too_long", "A piece is longer than the service takes.", "单件尺寸超出该服务的上限。",
        "Choose another service.", "请选择其他服务。",
    ),
    Issue(
        "logistics.too_slow", "The service arrives later than the channel promises its buyers.", "该服务的时效超过渠道对买家的承诺。",
        "Choose a faster service or a nearer warehouse, or change the channel's promise.", "请选择更快的服务或更近的仓库，或调整渠道承诺时效。",
    ),
    Issue(
        "logistics.battery", "The service does not carry these batteries.", "该服务不承运此类电池。",
        "Choose a service that takes batteries.", "请选择可承运电池的服务。",
    ),
    Issue(
        "logistics.battery_air", "These batteries may not fly on passenger aircraft.", "此类电池不得由客机运输。",
        "Choose a service by cargo aircraft, road or sea.", "请选择货机、陆运或海运服务。",
    ),
    Issue(
        "logistics.battery_weight", "The batteries of a package weigh more than the air rules allow.",
        "单件包裹内的电池净重超过航空规定。",
        "Split the order into more parcels, or choose a service by road or sea.", "请拆分包裹，或选择陆运、海运服务。",
    ),
    Issue(
        "logistics.several_parcels", "The goods need several parcels; the service takes one.", "货物需分装多个包裹，该服务只收单件。",
        "Choose a service for several parcels, or split the order.", "请选择可多件发运的服务，或拆分订单。",
    ),
    Issue(
        "logistics.too_dear", "The goods are worth more than the service takes.", "货值超过该服务的上限。",
        "Choose a service without that limit, or insure the goods elsewhere.", "请选择无此限制的服务，或另行投保。",
    ),
    Issue(
        "logistics.no_rate", "The rate card has no price for this weight and zone on that day.", "价卡当日没有该重量与分区的价格。",
        "Import or extend the rate card.", "请导入或补充价卡。",
    ),
    Issue(
        "papers.name_missing", "A name is missing.", "缺少名称。",
        "Enter the company's name as policy company.name, the buyer's on the order.", "请在政策 company.name 填写公司名称，在订单填写买家姓名。",
    ),
    Issue(
        "papers.country_missing", "A country is missing.", "缺少国家。",
        "Enter policy company.country, or correct the address.", "请填写政策 company.country，或更正地址。",
    ),
    Issue(
        "papers.address_missing", "The buyer's address is missing.", "缺少买家地址。", "Correct the address of the order.", "请更正订单地址。",
    ),
    Issue(
        "papers.weight_missing", "The weight of a line is missing.", "商品行缺少重量。", "Enter the SKU's weight and decide again.", "请录入 SKU 重量后重新决策。",
    ),
    Issue(
        "papers.hs_missing", "The HS code of a line is missing.", "商品行缺少 HS 编码。", "Choose the SKU's code and decide again.", "请选定 SKU 的编码后重新决策。",
    ),
    Issue(
        "papers.origin_missing", "The origin of a line is missing.", "商品行缺少原产地。", "Enter the SKU's origin and decide again.", "请录入 SKU 原产地后重新决策。",
    ),
    Issue(
        "papers.ioss_missing", "The IOSS number is missing or not IM and ten digits.", "缺少 IOSS 号，或格式不是 IM 加十位数字。",
        "Enter it under World → Registrations: IOSS, or IOSS@channel for a marketplace's own.", "请在“规则 → 登记”中填写：IOSS；平台自有号码用 IOSS@渠道。",
    ),
    Issue(
        "papers.eori_missing", "Our EORI number is missing or badly written.", "缺少 EORI 号或格式不正确。",
        "Enter it under World → Registrations as EORI.", "请在“规则 → 登记”中以 EORI 填写。",
    ),
    Issue(
        "papers.vat_missing", "The business buyer's VAT number is missing.", "缺少企业买家的增值税号。", "Ask the buyer and correct the order.", "请向买家索取并更正订单。",
    ),
    Issue(
        "logistics.no_way", "No warehouse and service can carry this order.", "没有可用的仓库与服务组合。",
        "See the reasons of each way on the order page.", "请在订单页查看每条路线的原因。",
    ),
)  # fmt: skip

ISSUES: dict[str, Issue] = {issue.code: issue for issue in _ALL}
