"""Scalar rules of the border: rate texts of tariffs, goods codes, the shape of a tariff."""

from entrepot.domains.customs.rules.codes import BadCode, goods_code
from entrepot.domains.customs.rules.rates import FREE, NotComputable, Rate, duty_rate
from entrepot.domains.customs.rules.special import Favoured, special_rates

__all__ = ["FREE", "BadCode", "Favoured", "NotComputable", "Rate", "duty_rate", "goods_code", "special_rates"]
