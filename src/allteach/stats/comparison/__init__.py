"""Comparing sites fairly: funnels, ratios, shrinkage, monitors, variation between sites, network lines."""

from allteach.stats.comparison.bright_spots import BrightSpots, Criteria, Measured, bright_spots
from allteach.stats.comparison.bundles import Bundle, bundle, reliability_level
from allteach.stats.comparison.casemix import (
    Calibration,
    CaseMixModel,
    SiteExpectation,
    by_site,
    calibration,
    case_mix_model,
)
from allteach.stats.comparison.cohort import REASONS, Cohort, InclusionRules, cohort, membership
from allteach.stats.comparison.empirical_bayes import Shrunken, shrink
from allteach.stats.comparison.equity import EquityGaps, equity_gaps, equity_gaps_of_means
from allteach.stats.comparison.exact import binomial_interval, byar_interval, poisson_interval, wilson_interval
from allteach.stats.comparison.funnel import LEAVE_ONE_OUT, Funnel, FunnelCurve, funnel, funnel_of_means
from allteach.stats.comparison.mixed import MixedModel, mixed_model
from allteach.stats.comparison.monitor import PeriodMonitor, RiskMonitor, by_period, risk_monitor
from allteach.stats.comparison.multiplicity import (
    Budget,
    Discoveries,
    budget_by_rule_set,
    false_alarm_budget,
    false_discovery,
    rate_within_budget,
)
from allteach.stats.comparison.nested import Priors
from allteach.stats.comparison.network_line import Composition, NetworkLine, composition, network_line
from allteach.stats.comparison.overdispersion import Overdispersion
from allteach.stats.comparison.peers import Peers, top_quarter
from allteach.stats.comparison.pooling import Pooled, pool
from allteach.stats.comparison.power import (
    Detectable,
    DetectableInFunnel,
    chance_of_signal,
    detectable_change,
    detectable_in_funnel,
)
from allteach.stats.comparison.practices import PracticeOutcome, practice_outcome
from allteach.stats.comparison.ranks import ExpectedRanks, expected_ranks
from allteach.stats.comparison.ratios import Caution, Ratios, indirect_standardisation, standardised_ratios
from allteach.stats.comparison.reliability import Reliability, reliability
from allteach.stats.comparison.risk_cusum import (
    RiskCusum,
    average_run_length,
    limit_for_run_length,
    risk_adjusted_cusum,
    simulated_run_lengths,
)
from allteach.stats.comparison.risk_lines import RiskEwma, Vlad, risk_adjusted_ewma, vlad
from allteach.stats.comparison.risk_model import RiskModel, fit_risk_model
from allteach.stats.comparison.variance import VarianceComponents, median_odds_ratio, variance_components

__all__ = [
    "LEAVE_ONE_OUT",
    "REASONS",
    "BrightSpots",
    "Budget",
    "Bundle",
    "Calibration",
    "CaseMixModel",
    "Caution",
    "Cohort",
    "Composition",
    "Criteria",
    "Detectable",
    "DetectableInFunnel",
    "Discoveries",
    "EquityGaps",
    "ExpectedRanks",
    "Funnel",
    "FunnelCurve",
    "InclusionRules",
    "Measured",
    "MixedModel",
    "NetworkLine",
    "Overdispersion",
    "Peers",
    "PeriodMonitor",
    "Pooled",
    "PracticeOutcome",
    "Priors",
    "Ratios",
    "Reliability",
    "RiskCusum",
    "RiskEwma",
    "RiskModel",
    "RiskMonitor",
    "Shrunken",
    "SiteExpectation",
    "VarianceComponents",
    "Vlad",
    "average_run_length",
    "binomial_interval",
    "bright_spots",
    "budget_by_rule_set",
    "bundle",
    "by_period",
    "by_site",
    "byar_interval",
    "calibration",
    "case_mix_model",
    "chance_of_signal",
    "cohort",
    "composition",
    "detectable_change",
    "detectable_in_funnel",
    "equity_gaps",
    "equity_gaps_of_means",
    "expected_ranks",
    "false_alarm_budget",
    "false_discovery",
    "fit_risk_model",
    "funnel",
    "funnel_of_means",
    "indirect_standardisation",
    "limit_for_run_length",
    "median_odds_ratio",
    "membership",
    "mixed_model",
    "network_line",
    "poisson_interval",
    "pool",
    "practice_outcome",
    "rate_within_budget",
    "reliability",
    "reliability_level",
    "risk_adjusted_cusum",
    "risk_adjusted_ewma",
    "risk_monitor",
    "shrink",
    "simulated_run_lengths",
    "standardised_ratios",
    "top_quarter",
    "variance_components",
    "vlad",
    "wilson_interval",
]
